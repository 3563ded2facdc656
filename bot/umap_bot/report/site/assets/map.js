// The map of a run: every change in its place, and the way between it and its row.
(() => {
  'use strict'

  const box = document.getElementById('map')
  if (!box) return
  const data = JSON.parse(document.getElementById('data').textContent)
  const words = data.words
  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  const dark = matchMedia('(prefers-color-scheme: dark)')

  // Colours of Okabe and Ito, that are told apart by all kinds of eyes; and a shape for each besides.
  const LIGHT = { added: '#00785a', changed: '#005f9e', moved: '#8a3b86', removed: '#b34700', people: '#8a6100', kept: '#55606a' }
  const DARK = { added: '#3dd6a8', changed: '#6cb8f0', moved: '#e39bdc', removed: '#ff9152', people: '#ffc843', kept: '#a7b1ba' }
  const colour = (kind) => (dark.matches ? DARK : LIGHT)[kind]
  const paper = () => (dark.matches ? '#15191d' : '#ffffff')
  const SIZE = 8
  const TILES = 'https://tile.openstreetmap.org/{z}/{x}/{y}.png'

  // --- Shapes: the same as those of the legend --------------------------------------------------------------

  const corners = (x, y, points) => points.map(([across, down]) => [x + across, y + down])
  const OUTLINES = {
    changed: (x, y, r) => corners(x, y, [[0, -r], [r, 0], [0, r], [-r, 0]]),
    removed: (x, y, r) => corners(x, y, [[-r, -r], [r, -r], [r, r], [-r, r]].map(([a, b]) => [a * 0.85, b * 0.85])),
    people: (x, y, r) => corners(x, y, [[0, -r * 1.1], [r * 1.05, r * 0.8], [-r * 1.05, r * 0.8]]),
  }

  const trace = (ctx, kind, x, y, r) => {
    ctx.beginPath()
    const outline = OUTLINES[kind]
    if (!outline) return ctx.arc(x, y, r, 0, Math.PI * 2)
    outline(x, y, r).forEach(([a, b], at) => (at ? ctx.lineTo(a, b) : ctx.moveTo(a, b)))
    ctx.closePath()
  }

  const sign = (ctx, kind, x, y, r) => {
    const arm = r * 0.5
    ctx.beginPath()
    if (kind === 'added') {
      ctx.moveTo(x - arm, y)
      ctx.lineTo(x + arm, y)
      ctx.moveTo(x, y - arm)
      ctx.lineTo(x, y + arm)
    } else if (kind === 'removed') {
      ctx.moveTo(x - arm, y - arm)
      ctx.lineTo(x + arm, y + arm)
      ctx.moveTo(x + arm, y - arm)
      ctx.lineTo(x - arm, y + arm)
    } else if (kind === 'kept') {
      ctx.moveTo(x - arm, y - arm / 2)
      ctx.lineTo(x + arm, y - arm / 2)
      ctx.moveTo(x - arm, y + arm / 2)
      ctx.lineTo(x + arm, y + arm / 2)
    }
    ctx.stroke()
  }

  const Shape = L.CircleMarker.extend({
    _updatePath() {
      const { _ctx: ctx, _drawing: drawing } = this._renderer
      if (!drawing || this._empty()) return
      const { x, y } = this._point
      const r = this._radius
      const { kind, hollow } = this.options
      ctx.save()
      ctx.lineJoin = 'round'
      trace(ctx, kind, x, y, r)
      ctx.fillStyle = hollow ? paper() : colour(kind)
      ctx.fill()
      ctx.lineWidth = hollow ? 2.5 : 1.5
      ctx.strokeStyle = hollow ? colour(kind) : paper()
      ctx.stroke()
      if (!hollow) {
        ctx.lineWidth = 2
        ctx.strokeStyle = paper()
        sign(ctx, kind, x, y, r)
      }
      ctx.restore()
    },
  })

  // --- The map ----------------------------------------------------------------------------------------------

  const map = L.map(box, {
    preferCanvas: true,
    renderer: L.canvas({ tolerance: 6, padding: 0.3 }),
    zoomSnap: 0.5,
    maxZoom: 19,
    worldCopyJump: true,
    zoomControl: false,
    attributionControl: false,
    fadeAnimation: !calm.matches,
    zoomAnimation: !calm.matches,
  })
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map)
  L.control.scale({ imperial: false }).addTo(map)
  const credit = L.control.attribution({ prefix: false }).addTo(map)
  credit.addAttribution('Leaflet')

  const group = L.featureGroup()
  const figures = new Map() // number of a row → {kind, layers, anchor}

  const point = (place, kind, hollow) =>
    new Shape(place, { kind, hollow, radius: hollow ? SIZE - 2 : SIZE, bubblingMouseEvents: false })

  const drawn = (geometry, kind, hollow) =>
    L.geoJSON(geometry, {
      pointToLayer: (_, place) => point(place, kind, hollow),
      style: () => ({
        color: colour(kind),
        weight: 3,
        fillOpacity: hollow ? 0.05 : 0.2,
        dashArray: hollow ? '6 5' : null,
        bubblingMouseEvents: false,
      }),
    }).getLayers().flatMap((layer) => (layer.getLayers ? layer.getLayers() : [layer]))

  const centre = (layer) => (layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter())

  /** The way of what moved: a line, and the head of an arrow in its middle. */
  const Way = L.Polyline.extend({
    _updatePath() {
      L.Polyline.prototype._updatePath.call(this)
      const { _ctx: ctx, _drawing: drawing } = this._renderer
      const [from, to] = this._rings && this._rings[0] && this._rings[0].length > 1
        ? [this._rings[0][0], this._rings[0][this._rings[0].length - 1]]
        : []
      if (!drawing || !from || from.distanceTo(to) < 34) return
      const turn = Math.atan2(to.y - from.y, to.x - from.x)
      ctx.save()
      ctx.translate((from.x + to.x) / 2, (from.y + to.y) / 2)
      ctx.rotate(turn)
      ctx.beginPath()
      ctx.moveTo(7, 0)
      ctx.lineTo(-5, -5)
      ctx.lineTo(-5, 5)
      ctx.closePath()
      ctx.fillStyle = this.options.color
      ctx.fill()
      ctx.restore()
    },
  })

  const figure = ([row, kind, before, after]) => {
    const gone = kind === 'removed'
    const was = before ? drawn(before, kind, !gone) : []
    const is = after ? drawn(after, kind, false) : []
    const way = was.length && is.length
      ? [new Way([centre(was[0]), centre(is[0])], { color: colour(kind), weight: 2, dashArray: '5 4', interactive: false })]
      : []
    const layers = [...way, ...was, ...is]
    if (layers.length) figures.set(row, { row, kind, layers, anchor: centre(is[0] || was[0]) })
  }
  data.drawn.forEach(figure)

  const around = ({ layers }) => {
    const all = L.latLngBounds([])
    layers.forEach((layer) => all.extend(layer.getBounds ? layer.getBounds() : layer.getLatLng()))
    return all
  }

  const rowOf = (row) => document.getElementById(`r${row}`)
  const isShown = (row) => !rowOf(row).hidden

  const shown = () => [...figures.values()].filter(({ row }) => isShown(row))

  const fit = () => {
    const all = L.latLngBounds([])
    shown().forEach((found) => all.extend(around(found)))
    if (all.isValid()) map.fitBounds(all, { padding: [28, 28], maxZoom: 15, animate: !calm.matches })
  }

  const show = () => {
    for (const { row, layers } of figures.values()) {
      const shown = isShown(row)
      layers.forEach((layer) => (shown ? group.addLayer(layer) : group.removeLayer(layer)))
    }
  }

  map.setView([46, 4], 5)
  show()
  group.addTo(map)
  fit()

  // --- Rows and markers ---------------------------------------------------------------------------------------

  const ring = L.circleMarker([0, 0], { radius: 15, weight: 3, fill: false, interactive: false })
  let marked = 0
  let chosen = 0

  const mark = (row) => {
    if (row === marked) return
    if (marked) rowOf(marked).classList.remove('marked')
    marked = row
    const found = figures.get(row)
    if (!found) return ring.remove()
    rowOf(row).classList.add('marked')
    ring.setStyle({ color: dark.matches ? '#fff' : '#111' })
    ring.setLatLng(found.anchor).addTo(map).bringToFront()
  }

  const say = (tag, text, type) => {
    const element = document.createElement(tag)
    element.textContent = text
    if (type) element.className = type
    return element
  }

  const short = (text) => (text.length > 160 ? `${text.slice(0, 159)}…` : text)

  /** What the popup says is read from the row, and put in as text. */
  const popup = (found) => {
    const row = rowOf(found.row)
    const box = document.createElement('div')
    box.append(say('p', words[`kind_${found.kind}`], `kind ${found.kind}`))
    const name = row.querySelector('th summary span') || row.querySelector('th bdi') || row.querySelector('th')
    const title = say('bdi', short(name.textContent))
    const strong = say('strong', '')
    strong.append(title)
    box.append(strong)
    const said = row.querySelector('td p')
    if (said) box.append(say('p', short(said.textContent)))
    const tools = say('p', '', 'tools')
    const back = say('button', words.list, 'back')
    back.type = 'button'
    back.addEventListener('click', () => goToRow(found.row))
    tools.append(back)
    const there = row.querySelector('td:last-child a')
    if (there) {
      const link = say('a', words.there)
      link.href = there.href
      link.rel = 'noreferrer'
      tools.append(link)
    }
    box.append(tools)
    return box
  }

  const open = (row, { focus = false, zoom = false } = {}) => {
    const found = figures.get(row)
    if (!found) return
    choose(row)
    mark(row)
    if (zoom) map.fitBounds(around(found), { paddingTopLeft: [40, Math.min(170, box.clientHeight * 0.45)], paddingBottomRight: [40, 40], maxZoom: Math.max(13, map.getZoom()), animate: false })
    L.popup({ maxWidth: Math.max(140, Math.min(250, box.clientWidth - 120)), offset: [0, -6], autoPanPaddingTopLeft: [52, 8], autoPanPaddingBottomRight: [8, 8] })
      .setLatLng(found.anchor)
      .setContent(popup(found))
      .openOn(map)
    if (focus) box.querySelector('.leaflet-popup .back').focus({ preventScroll: true })
  }

  const choose = (row) => {
    if (chosen) rowOf(chosen).classList.remove('chosen')
    chosen = row
    if (row) rowOf(row).classList.add('chosen')
  }

  const goToRow = (row) => {
    const place = rowOf(row)
    choose(row)
    place.scrollIntoView({ block: 'center', behavior: calm.matches ? 'auto' : 'smooth' })
    const button = place.querySelector('.go')
    if (button) button.focus({ preventScroll: true })
  }

  const fromMap = (row) => {
    open(row)
    if (isWide()) rowOf(row).scrollIntoView({ block: 'nearest', behavior: calm.matches ? 'auto' : 'smooth' })
  }
  const isWide = () => matchMedia('(min-width: 62rem)').matches

  for (const { row, layers } of figures.values()) {
    for (const layer of layers) {
      layer.on('mouseover', () => mark(row))
      layer.on('mouseout', () => mark(chosen))
      layer.on('click', () => fromMap(row))
    }
  }
  map.on('popupclose', () => setTimeout(() => {
    if (document.activeElement === document.body) box.focus({ preventScroll: true })
  }))

  const list = document.getElementById('lines')
  const numberOf = (target) => Number((target.closest('tr[id]') || { id: 'r0' }).id.slice(1))
  list.addEventListener('mouseover', (event) => mark(numberOf(event.target)))
  list.addEventListener('focusin', (event) => mark(numberOf(event.target)))
  list.addEventListener('mouseleave', () => mark(chosen))
  list.addEventListener('click', (event) => {
    if (!event.target.closest('.go')) return
    if (!isWide()) box.scrollIntoView({ block: 'center', behavior: calm.matches ? 'auto' : 'smooth' })
    open(numberOf(event.target), { focus: true, zoom: true })
  })

  // --- Keys and buttons -----------------------------------------------------------------------------------------

  const nearest = () => {
    const middle = map.getCenter()
    return shown().reduce((best, found) => {
      const far = map.distance(middle, found.anchor)
      return !best || far < best.far ? { far, row: found.row } : best
    }, null)
  }

  box.addEventListener('keydown', (event) => {
    if (event.target !== box || event.key !== 'Enter') return
    const found = nearest()
    if (found) open(found.row, { focus: true })
    event.preventDefault()
  })

  const step = (by) => {
    const rows = shown().map(({ row }) => row).sort((a, b) => a - b)
    if (!rows.length) return
    const at = rows.indexOf(chosen)
    const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : (at + by + rows.length) % rows.length
    open(rows[next], { zoom: true })
    rowOf(rows[next]).scrollIntoView({ block: 'nearest' })
  }

  const tiles = (button) => {
    L.tileLayer(TILES, { maxZoom: 19, attribution: '© OpenStreetMap' }).addTo(map)
    box.classList.add('tiled')
    button.parentElement.remove()
    box.focus({ preventScroll: true })
  }

  const DOES = { previous: () => step(-1), next: () => step(1), whole: fit, tiles }
  document.querySelector('.chart').addEventListener('click', (event) => {
    const button = event.target.closest('[data-do]')
    if (button) DOES[button.dataset.do](button)
  })

  const kinds = document.querySelector('.kinds')
  const hiddenKinds = () =>
    new Set([...kinds.querySelectorAll('input:not(:checked)')].map((input) => input.value))
  kinds.addEventListener('change', () =>
    document.dispatchEvent(new CustomEvent('bot:kinds', { detail: hiddenKinds() })))
  document.addEventListener('bot:clear', () => {
    kinds.querySelectorAll('input').forEach((input) => (input.checked = true))
    document.dispatchEvent(new CustomEvent('bot:kinds', { detail: new Set() }))
  })
  document.addEventListener('bot:narrowed', () => {
    map.closePopup()
    choose(0)
    mark(0)
    show()
    fit()
  })

  // Colours follow the theme of the reader's machine.
  dark.addEventListener('change', () => {
    for (const { kind, layers } of figures.values()) layers.forEach((layer) => layer.setStyle({ color: colour(kind) }))
  })
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(box)
})()
