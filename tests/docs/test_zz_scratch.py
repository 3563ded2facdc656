"""Scratch: dump what each page's steps say."""
import sys, pytest
from pathlib import Path
from tests.docs.test_readme import *
LANG=os.environ["CARRY"]
def test_dump(person):
    person.reads = LOCALES[LANG]
    out=open(f"/tmp/said.{LANG}.txt","w")
    for typed in open("/tmp/typed.txt").read().splitlines():
        if not typed.strip(): continue
        if typed.startswith("!"):
            exec(typed[1:]); continue
        import shlex
        words=tuple(shlex.split(typed))
        out.write(f"$ umap-bot {typed}\n{person.type(Step(words,(),0))}\n"); out.flush()
def test_demo(umap, tmp_path):
    told=[]
    Demo(umap.url, tmp_path, told.append, language(LANG)).tell()
    open(f"/tmp/demo.{LANG}.txt","w").write("\n".join(told))
