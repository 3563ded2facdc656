// Every page: how old the last check is, the reader's own time, and the search. Nothing here makes a row: all of them
// stand in the page.
(() => {
  'use strict'

  const MINUTE = 60_000
  const data = JSON.parse(document.getElementById('data').textContent)
  const words = data.words

  // --- Ages, and the state that turns by itself -----------------------------------------------------------

  const relative = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: 'always' })
  const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', MINUTE]]

  const age = (milliseconds) => {
    const [unit, size] = UNITS.find(([, least]) => milliseconds >= least) || UNITS[2]
    return relative.format(-Math.max(0, Math.floor(milliseconds / size)), unit)
  }

  const tick = () => {
    const now = Date.now()
    for (const place of document.querySelectorAll('[data-ago]')) {
      place.textContent = words.ago.replace('{age}', age(now - Date.parse(place.dataset.ago)))
    }
    const late = [...document.querySelectorAll('.state[data-late]')].filter((state) => now > Date.parse(state.dataset.late))
    if (late.length > 1) stop(late)
    else late.forEach(silence)
    summarise(late.length > 1)
  }

  /** One layer's run did not come. */
  const silence = (state) => {
    if (state.classList.contains('silent')) return
    const wasWell = state.classList.contains('ok')
    const verdict = state.querySelector('strong')
    state.classList.add('silent')
    state.dataset.said = verdict.textContent
    verdict.textContent = wasWell ? words.silent : `${words.silent} ${verdict.textContent}`
    const attention = document.querySelector('.attention')
    if (wasWell && attention) attention.append(state)
  }

  /** The runs of several layers did not come: that is one bot that has stopped, and one thing to look at. */
  const stop = (late) => {
    const box = document.querySelector('.stopped')
    const which = late.map((state) => state.querySelector('.layer-name').textContent).join(' · ')
    const said = words.stopped.replace('{count}', late.length)
    for (const state of late) {
      const verdict = state.querySelector('strong')
      if (state.dataset.said) verdict.textContent = state.dataset.said
      if (state.classList.contains('ok')) verdict.textContent = words.was_well
      state.classList.remove('silent')
      state.classList.add('old')
    }
    const well = document.querySelector('details.well')
    const old = document.querySelectorAll('.calm > .old').length
    if (well && old) well.querySelector('summary').textContent = words.were_well.replace('{count}', old)
    if (well) well.classList.toggle('past', old > 0)
    if (box.querySelector('strong').textContent === said) return
    box.querySelector('strong').textContent = said
    box.querySelector('.which').textContent = which
    box.hidden = false
  }

  /** How many layers need somebody. A bot that has stopped says it for all of them. */
  const summarise = (stopped) => {
    const overall = document.querySelector('.overall')
    if (!overall) return
    const count = document.querySelectorAll('.attention > .state').length
    const said = count === 0 ? words.all_well : count === 1 ? words.attention_one : words.attention
    const text = stopped ? '' : said.replace('{count}', count)
    if (overall.textContent !== text) overall.textContent = text // else it would be read out every minute
    overall.classList.toggle('alarm', count > 0)
    const well = document.querySelector('details.well')
    const left = document.querySelectorAll('.calm > .state').length
    if (well) well.hidden = left === 0
  }

  // --- The reader's own time ------------------------------------------------------------------------------

  const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    timeZoneName: 'short',
  })

  for (const place of document.querySelectorAll('time[datetime]')) {
    const parts = clock.formatToParts(new Date(place.dateTime))
    const { day, month, year, hour, minute, timeZoneName: zone } = Object.fromEntries(parts.map(({ type, value }) => [type, value]))
    const told = `${day} ${month} ${year} ${hour}:${minute}`
    place.textContent = place === place.closest('.zoned')?.querySelector('time') ? `${told} ${zone}` : told
    place.title = `${told} ${zone}`
  }
  const zone = document.querySelector('.zone')
  if (zone) zone.textContent = words.zone.replace('{zone}', clock.resolvedOptions().timeZone)

  tick()
  setInterval(tick, MINUTE)
  document.addEventListener('visibilitychange', () => document.hidden || tick())

  // --- Search and filters ---------------------------------------------------------------------------------

  const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

  /** The rows of a list, narrowed by words and by choices. `changed` is told after each time. */
  const finder = (form, rows, changed) => {
    const input = form.querySelector('input[type=search]')
    const selects = [...form.querySelectorAll('select')]
    const found = form.querySelector('.found')
    const none = form.parentElement.querySelector(':scope > .none')
    let texts = null
    let hiddenKinds = new Set()

    const wanted = (row, at, parts) =>
      parts.every((part) => texts[at].includes(part)) &&
      selects.every((select) => !select.value || row.dataset[select.dataset.by] === select.value) &&
      !hiddenKinds.has(row.dataset.k)

    const narrow = () => {
      const parts = plain(input.value).split(/\s+/).filter(Boolean)
      if (parts.length && !texts) texts = rows.map((row) => plain(row.textContent))
      let shown = 0
      rows.forEach((row, at) => {
        const hide = !wanted(row, at, parts)
        if (row.hidden !== hide) row.hidden = hide
        shown += hide ? 0 : 1
      })
      for (const block of form.parentElement.querySelectorAll('.block')) {
        const own = block.querySelectorAll('tr[id]')
        block.hidden = own.length > 0 && [...own].every((row) => row.hidden)
      }
      const all = shown === rows.length
      found.textContent = all ? '' : words.shown.replace('{shown}', shown).replace('{total}', rows.length)
      if (none) none.hidden = shown > 0
      changed()
    }

    const clear = () => {
      input.value = ''
      selects.forEach((select) => (select.value = ''))
      document.dispatchEvent(new CustomEvent('bot:clear'))
      narrow()
      input.focus()
    }

    let waiting = 0
    input.addEventListener('input', () => {
      clearTimeout(waiting)
      waiting = setTimeout(narrow, rows.length > 2000 ? 200 : 60)
    })
    selects.forEach((select) => select.addEventListener('change', narrow))
    form.addEventListener('submit', (event) => event.preventDefault())
    if (none) none.querySelector('.clear').addEventListener('click', clear)
    return {
      hideKinds: (kinds) => {
        hiddenKinds = kinds
        narrow()
      },
    }
  }

  const tell = () => document.dispatchEvent(new CustomEvent('bot:narrowed'))
  const forms = {}
  for (const form of document.querySelectorAll('form.finder')) {
    const within = form.dataset.of === 'runs' ? '#runs tbody tr' : '#lines .lines tbody tr'
    forms[form.dataset.of] = finder(form, [...document.querySelectorAll(within)], tell)
  }
  document.addEventListener('bot:kinds', (event) => {
    const hidden = event.detail
    if (forms.lines) return forms.lines.hideKinds(hidden)
    for (const row of document.querySelectorAll('#lines .lines tbody tr')) row.hidden = hidden.has(row.dataset.k)
    tell()
  })

  // --- Print ----------------------------------------------------------------------------------------------

  let opened = []
  addEventListener('beforeprint', () => {
    opened = [...document.querySelectorAll('details:not([open])')]
    opened.forEach((details) => (details.open = true))
  })
  addEventListener('afterprint', () => opened.forEach((details) => (details.open = false)))
})()
