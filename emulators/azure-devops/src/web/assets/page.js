/**
 * Without this script the page works, by links and forms. With it the page follows changes: the server says that something
 * changed, the page asks for itself again and takes over what differs, so that open replies and unfolded diffs stay as they are.
 */
document.documentElement.classList.add('scripted')

const live = document.querySelector('.live')
const announcer = document.querySelector('#announcer')

function key(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.dataset.key : undefined
}

/** Makes `current` look like `fresh`, keeping every element that is still meant. */
function morph(current, fresh) {
  if (current.isEqualNode(fresh)) return
  if (current.nodeType !== fresh.nodeType || current.nodeName !== fresh.nodeName || key(current) !== key(fresh)) {
    current.replaceWith(fresh)
    return
  }
  if (current.nodeType !== Node.ELEMENT_NODE) {
    current.data = fresh.data
    return
  }
  if (current.hasAttribute('data-keep')) return
  if (current instanceof HTMLSelectElement && current !== document.activeElement) current.value = fresh.value
  for (const { name, value } of fresh.attributes)
    if (name !== 'open' && current.getAttribute(name) !== value) current.setAttribute(name, value)
  for (const { name } of [...current.attributes])
    if (name !== 'open' && !fresh.hasAttribute(name)) current.removeAttribute(name)
  morphChildren(current, fresh)
}

function morphChildren(current, fresh) {
  const keyed = new Map([...current.childNodes].filter(key).map(child => [key(child), child]))
  const wanted = new Set([...fresh.childNodes].map(key).filter(Boolean))
  let place = current.firstChild
  const skipDoomed = () => {
    while (place && key(place) && !wanted.has(key(place))) {
      const doomed = place
      place = place.nextSibling
      doomed.remove()
    }
  }
  for (const child of [...fresh.childNodes]) {
    skipDoomed()
    const known = key(child) && keyed.get(key(child))
    if (known) {
      if (known === place) place = place.nextSibling
      else move(current, known, place)
      morph(known, child)
    } else if (place && !key(child) && !key(place) && place.nodeName === child.nodeName) {
      const old = place
      place = place.nextSibling
      morph(old, child)
    } else {
      current.insertBefore(child, place)
      if (key(child)) child.classList.add('is-new')
    }
  }
  while (place) {
    const doomed = place
    place = place.nextSibling
    doomed.remove()
  }
}

/** An element that moves would lose what is being written in it. */
function move(parent, child, place) {
  const focused = child.contains(document.activeElement) ? document.activeElement : undefined
  const selection = focused instanceof HTMLTextAreaElement ? [focused.selectionStart, focused.selectionEnd] : undefined
  parent.insertBefore(child, place)
  focused?.focus({ preventScroll: true })
  if (selection) focused.setSelectionRange(...selection)
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
    // The stream reconnects by itself, and then asks again.
  } finally {
    asking = false
  }
}

function show(fresh) {
  const comments = () => document.querySelectorAll('.comment').length
  const before = comments()
  morph(document.querySelector('main'), fresh.querySelector('main'))
  const more = comments() - before
  if (more > 0) announcer.textContent = more === 1 ? 'One new comment' : `${more} new comments`
}

function follow() {
  const { live: topic } = document.body.dataset
  const events = new EventSource(`/_page/events${topic === 'all' ? '' : `?pullRequest=${topic}`}`)
  events.onopen = () => {
    if (live.textContent === 'Reconnecting…') void refresh()
    live.textContent = 'Live'
    live.classList.add('on')
  }
  events.onerror = () => {
    live.textContent = 'Reconnecting…'
    live.classList.remove('on')
  }
  let waiting
  events.addEventListener('change', () => {
    clearTimeout(waiting)
    waiting = setTimeout(refresh, 80)
  })
  addEventListener('pagehide', () => events.close())
}

async function submitted(form, submitter) {
  const body = new URLSearchParams(new FormData(form, submitter))
  const alert = form.querySelector('.alert')
  const buttons = form.querySelectorAll('button')
  for (const button of buttons) button.disabled = true
  try {
    const response = await fetch(form.action, { method: 'POST', body, headers: { accept: 'application/json' } })
    if (response.ok) {
      if (!form.closest('.own')) for (const area of form.querySelectorAll('textarea')) area.value = ''
      form.closest('details.reply, details.own, details.comment-on')?.removeAttribute('open')
      await refresh()
    }
    if (alert) alert.textContent = response.ok ? '' : (await response.json()).message
  } catch {
    if (alert) alert.textContent = 'The emulator did not answer. Is it still running?'
  } finally {
    for (const button of buttons) button.disabled = false
  }
}

document.addEventListener('submit', event => {
  const form = event.target
  if (form.method !== 'post' || form.classList.contains('user')) return
  event.preventDefault()
  void submitted(form, event.submitter)
})

document.addEventListener('change', event => {
  if (event.target.matches('select[data-submit]')) event.target.form.requestSubmit()
})

document.addEventListener('keydown', event => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && event.target.matches('textarea'))
    event.target.form.requestSubmit(event.target.form.querySelector('button'))
})

// A click on a line number fills in the form that keyboard users fill in themselves.
document.addEventListener('click', event => {
  const number = event.target.closest('td.n[data-line]')
  const tools = number?.closest('.file')?.querySelector('.comment-on')
  if (!tools) return
  tools.open = true
  tools.querySelector('[name=startLine]').value = number.dataset.line
  tools.querySelector('textarea').focus()
})

const chosen = new URLSearchParams(location.search).get('discussionId')
if (chosen && /^\d+$/.test(chosen)) {
  const thread = document.querySelector(`#thread-${chosen}`)
  thread?.classList.add('chosen')
  thread?.scrollIntoView({ block: 'center' })
}

// "2 minutes ago" grows older without any event.
setInterval(() => document.visibilityState === 'visible' && refresh(), 60_000)
follow()
