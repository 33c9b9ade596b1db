import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { registerPages } from './pages.ts'
import { bot, sampleModel } from './sample-model.ts'

const executablePath = '/usr/bin/chromium'
const installed = existsSync(executablePath)
if (!installed)
  process.stderr.write(`skipped: the page in a real browser needs ${executablePath} (apt-get install chromium)\n`)

const screenshots = join(import.meta.dirname, '../../../../reports/screenshots')
const pullRequest = '/contoso/Web/_git/shop/pullrequest/12'
const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic']

describe.skipIf(!installed)('in a real browser', () => {
  let browser: Browser
  let app: FastifyInstance
  let url: string
  const model = sampleModel()

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true })
    app = Fastify()
    registerPages(app, model)
    url = await app.listen({ port: 0, host: '127.0.0.1' })
    browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...offline],
    })
  })
  afterAll(async () => {
    await browser?.close()
    await app?.close()
  })

  /** A page that is followed live and complains about nothing. */
  async function open(path: string, look: 'light' | 'dark' = 'light'): Promise<Page> {
    const context = await browser.newContext({ colorScheme: look, viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', message => /status of 400/.test(message.text()) || complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => {
      if (!request.url().startsWith(url)) complaints.push(`asked another host: ${request.url()}`)
    })
    onTestFinished(async () => {
      expect(complaints).toEqual([])
      await context.close()
    })
    await page.goto(url + path)
    await page.getByText('Live', { exact: true }).waitFor()
    return page
  }

  test('somebody’s comment appears by itself, and what one is writing or reading stays as it is', async () => {
    const page = await open(pullRequest)
    await page.getByLabel('Comment', { exact: true }).fill('half a thought')
    await page
      .locator('details.draft-row > summary')
      .first()
      .click({ position: { x: 12, y: 12 } })
    const thread = page.getByRole('article').filter({ hasText: '/edit /2' })
    await thread.getByText('Write a reply…').click()
    await thread.getByLabel('Reply').fill('half a reply')
    model.addThread(12, bot, 'Working on **v3** now')
    await page.getByText('Working on v3 now').waitFor()
    const threadId = model.threads(12).find(({ comments }) => comments[0]?.content.startsWith('/edit /2'))?.id ?? 0
    await model.postComment({ pullRequestId: 12, threadId, user: 'bot', content: 'and this thread goes **first**' })
    await page.getByText('and this thread goes first').waitFor()
    expect(await page.getByRole('article').first().textContent()).toContain('goes first')
    expect(await page.getByLabel('Comment', { exact: true }).inputValue()).toBe('half a thought')
    expect(await thread.getByLabel('Reply').inputValue()).toBe('half a reply')
    expect(await thread.getByLabel('Reply').evaluate(area => area === document.activeElement)).toBe(true)
    expect(await page.locator('details.draft-row').first().getAttribute('open')).not.toBeNull()
    await page.getByText(/new comment/).waitFor({ state: 'attached' })
  })

  test('a command is written and sent by keyboard alone', async () => {
    const page = await open(pullRequest)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.keyboard.press('Enter')
    const box = page.getByLabel('Comment', { exact: true })
    for (let tabs = 0; tabs < 12 && !(await box.evaluate(area => area === document.activeElement)); tabs++)
      await page.keyboard.press('Tab')
    await page.keyboard.type('/edit /3 by keyboard')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('article').filter({ hasText: '/edit /3 by keyboard' }).waitFor()
    expect(await box.inputValue()).toBe('')
    expect(await page.getByRole('article').filter({ hasText: '/edit /3 by keyboard' }).count()).toBe(1)
  })

  test('another user may be chosen, and is told what is not allowed without losing the text', async () => {
    const page = await open(pullRequest)
    await page.getByLabel('Act as').selectOption('reader')
    await page.getByText('as Rita Reader').waitFor()
    await page.getByLabel('Comment', { exact: true }).fill('/edit /3 x')
    await page.getByRole('button', { name: 'Comment', exact: true }).click()
    await page.getByRole('alert').filter({ hasText: 'PullRequestContribute' }).waitFor()
    expect(await page.getByLabel('Comment', { exact: true }).inputValue()).toBe('/edit /3 x')
  })

  test('a click on a line number begins a comment on that line', async () => {
    const page = await open(`${pullRequest}?_a=files`)
    await page.locator('td[data-line="14"]').first().click()
    await page.keyboard.type('/edit make this red')
    await page.getByRole('button', { name: 'Comment', exact: true }).first().click()
    await page.locator('tr.talk').filter({ hasText: '/edit make this red' }).waitFor()
    expect(model.threads(12).at(-1)?.context).toMatchObject({ path: 'src/button.css', startLine: 14, endLine: 14 })
  })

  test('a thread’s status is set by its list, and drafts are compared by two', async () => {
    const page = await open(pullRequest)
    const thread = page.getByRole('article').filter({ hasText: 'Why not a token?' })
    await thread.getByLabel('Status of the thread').selectOption('fixed')
    await expect.poll(() => model.threads(12).find(({ context }) => context)?.status).toBe('fixed')
    await page.getByRole('link', { name: 'Compare side by side' }).click()
    await page
      .getByRole('columnheader', { name: /v2 · users/ })
      .first()
      .waitFor()
    await page.getByLabel('Left').selectOption({ label: 'v2 · make-the-buttons-red' })
    await page.getByText('These two drafts are the same.').waitFor()
  })

  test.each(['light', 'dark'] as const)(
    '%s pages: one first heading, labels on everything, readable contrast, no sideways scrolling',
    async look => {
      const paths = {
        home: '/',
        'pull-request': pullRequest,
        files: `${pullRequest}?_a=files`,
        compare: `${pullRequest}/drafts`,
      }
      for (const [name, path] of Object.entries(paths)) {
        const page = await open(path, look)
        await page.screenshot({ path: join(screenshots, `emulator-${name}-${look}.png`), fullPage: true })
        expect(await page.getByRole('heading', { level: 1 }).count(), name).toBe(1)
        expect(await page.evaluate(audit), name).toEqual([])
        await page.setViewportSize({ width: 400, height: 800 })
        expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(400)
      }
    },
  )
})

/** Runs in the page: what a screen reader or weak eyes would stumble over. */
function audit(): string[] {
  const found: string[] = []
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
  found.push(...ids.filter((id, at) => ids.indexOf(id) !== at).map(id => `twice: #${id}`))
  for (const control of document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), select, textarea'))
    if (!control.labels?.length && !control.ariaLabel) found.push(`no label: ${control.outerHTML.slice(0, 80)}`)
  const luminance = (colour: number[]) => {
    const [r = 0, g = 0, b = 0] = colour.map(part =>
      part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const colour = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number)
  const background = (element: Element | null): number[] => {
    if (!element) return [255, 255, 255]
    const own = colour(getComputedStyle(element).backgroundColor)
    return own.length === 4 && (own[3] ?? 1) < 1 ? background(element.parentElement) : own
  }
  for (const element of document.querySelectorAll('main *, header *')) {
    const hasText = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent?.trim())
    if (!hasText || element.closest('.hidden, .logo') || !element.checkVisibility()) continue
    const [light = 0, dark = 0] = [
      luminance(colour(getComputedStyle(element).color)),
      luminance(background(element)),
    ].sort((a, b) => b - a)
    const contrast = (light + 0.05) / (dark + 0.05)
    if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(1)}: ${element.outerHTML.slice(0, 100)}`)
  }
  return found
}
