/**
 * Without this script the page works, by a link that asks for it anew. With it the page follows its run: the server says that
 * something changed, the page asks for itself again and takes over the parts that differ.
 */
document.documentElement.classList.add('scripted')

const live = document.querySelector('#live')
const announcer = document.querySelector('#announcer')
let main = document.querySelector('#main')
/** How far the database's clock is ahead of ours. */
let ahead = Number(main?.dataset.now ?? 0) - Date.now()

function duration(ms) {
  const seconds = Math.max(0, ms) / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(Math.round(seconds) / 60)
  if (minutes < 60) return `${minutes} min ${Math.round(seconds) - minutes * 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** What runs grows older without any event. */
setInterval(() => {
  for (const element of document.querySelectorAll('[data-since]'))
    element.textContent = duration(Date.now() + ahead - Number(element.dataset.since))
}, 1000)

/** What was unfolded stays so, and the focus where it was, if that is still there. */
function replace(current, fresh) {
  const unfolded = new Map([...current.querySelectorAll('details[data-key]')].map(one => [one.dataset.key, one.open]))
  const focused = current.contains(document.activeElement) ? placeOf(document.activeElement) : undefined
  current.replaceWith(fresh)
  for (const one of fresh.querySelectorAll('details[data-key]'))
    if (unfolded.has(one.dataset.key)) one.open = unfolded.get(one.dataset.key)
  if (focused) fresh.querySelector(focused)?.focus({ preventScroll: true })
}

function placeOf(element) {
  const key = element.closest('details[data-key]')?.dataset.key
  if (element.matches('summary') && key) return `details[data-key=${JSON.stringify(key)}] > summary`
  if (element.id) return `#${CSS.escape(element.id)}`
  const href = element.getAttribute('href')
  return href ? `a[href=${JSON.stringify(href)}]` : undefined
}

function comparable(element) {
  const copy = element.cloneNode(true)
  for (const one of copy.querySelectorAll('[data-since]')) one.textContent = ''
  for (const one of copy.querySelectorAll('details')) one.removeAttribute('open')
  return copy
}

function show(fresh) {
  const freshMain = fresh.querySelector('#main')
  if (!freshMain) return
  const said = new Set([...document.querySelectorAll('[data-say]')].map(one => one.dataset.say))
  const news = [...freshMain.querySelectorAll('[data-say]')].map(one => one.dataset.say).filter(one => !said.has(one))
  ahead = Number(freshMain.dataset.now) - Date.now()
  const ids = element => [...element.querySelectorAll(':scope > [data-live]')].map(one => one.id).join()
  if (ids(main) === ids(freshMain)) {
    for (const next of freshMain.querySelectorAll(':scope > [data-live]')) {
      const current = document.getElementById(next.id)
      if (!comparable(current).isEqualNode(comparable(next))) replace(current, next)
    }
    main.dataset.version = freshMain.dataset.version
  } else {
    replace(main, freshMain)
    main = freshMain
  }
  document.title = fresh.title
  if (news.length > 0) announcer.textContent = news.join(' ')
}

let asking = false
let askAgain = false

/** One request at a time; what changed meanwhile is asked for once more. */
async function refresh() {
  if (asking) {
    askAgain = true
    return
  }
  asking = true
  try {
    do {
      askAgain = false
      const response = await fetch(location.href, { headers: { accept: 'text/html' } })
      if (response.ok) show(new DOMParser().parseFromString(await response.text(), 'text/html'))
    } while (askAgain)
  } catch {
    // The stream comes again by itself, and then this is asked once more.
  } finally {
    asking = false
  }
}

function say(text, isOn) {
  live.textContent = text
  live.classList.toggle('on', isOn)
}

function follow() {
  const events = new EventSource(`${main.dataset.events}?version=${encodeURIComponent(main.dataset.version)}`)
  events.onopen = () => say('Live', true)
  events.onerror = () => {
    say('Reconnecting…', false)
    // Refused, since too many look, or since the link has run out: look now and then instead.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(follow), 10_000)
  }
  events.addEventListener('changed', () => void refresh())
  events.addEventListener('over', () => {
    events.close()
    void refresh().then(() => say('', false))
  })
  addEventListener('pagehide', () => events.close())
}

/** A choice is followed at once, without a button. */
document.addEventListener('change', event => {
  if (event.target.matches('[data-submit]')) event.target.form.requestSubmit()
})

if (main?.dataset.events) follow()
