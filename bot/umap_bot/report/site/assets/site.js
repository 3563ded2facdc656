// Every page: how old the last check is, and the search. Nothing here makes a row: all of them stand in the page.
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
    for (const state of document.querySelectorAll('.state[data-due]')) {
      if (now > Date.parse(state.dataset.due) + data.grace * 1000) silence(state)
    }
    summarise()
  }

  const silence = (state) => {
    if (state.classList.contains('silent')) return
    const wasWell = state.classList.contains('ok')
    state.classList.add('silent')
    state.querySelector('strong').textContent = wasWell
      ? words.silent
      : `${words.silent} ${state.querySelector('strong').textContent}`
    const attention = document.querySelector('.attention')
    if (wasWell && attention) attention.append(state)
  }

  const summarise = () => {
    const overall = document.querySelector('.overall')
    if (!overall) return
    const count = document.querySelectorAll('.attention > .state').length
    const said = count === 0 ? words.all_well : count === 1 ? words.attention_one : words.attention
    const text = said.replace('{count}', count)
    if (overall.textContent !== text) overall.textContent = text // else it would be read out every minute
    overall.classList.toggle('alarm', count > 0)
    const well = document.querySelector('details.well')
    const left = document.querySelectorAll('.calm > .state').length
    if (well) well.hidden = left === 0
  }

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
