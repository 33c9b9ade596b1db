import { existsSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import {
  diffOf,
  drafted,
  operator,
  patched,
  type RunPageWorld,
  runningRun,
  runPageWorld,
  tried,
} from './test-run-page.ts'

const executablePath = '/usr/bin/chromium'
const installed = existsSync(executablePath)
if (!installed)
  process.stderr.write(`skipped: the run page in a real browser needs ${executablePath} (apt-get install chromium)\n`)

const screenshots = join(import.meta.dirname, '../../../../reports/screenshots')
const offline = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic']

describe.skipIf(!installed)('in a real browser', { timeout: 120_000 }, () => {
  let browser: Browser
  let world: RunPageWorld
  let axe: string

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true })
    axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    world = await runPageWorld()
    const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', ...offline]
    browser = await chromium.launch({ executablePath, args })
  })
  afterAll(async () => {
    await browser?.close()
    await world?.stop()
  })

  type Look = { colorScheme?: 'light' | 'dark'; width?: number; javaScriptEnabled?: boolean; asOperator?: boolean }

  /** A page that complains about nothing and asks nobody else. */
  async function open(address: string, look: Look = {}): Promise<Page> {
    const { colorScheme = 'light', width = 1280, javaScriptEnabled = true, asOperator = false } = look
    const context: BrowserContext = await browser.newContext({
      ...{ colorScheme, javaScriptEnabled, viewport: { width, height: 900 } },
      ...(asOperator ? { httpCredentials: operator } : {}),
    })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', message => /status of 401/.test(message.text()) || complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => {
      if (!request.url().startsWith(world.url)) complaints.push(`asked another host: ${request.url()}`)
    })
    onTestFinished(async () => {
      expect(complaints).toEqual([])
      await context.close()
    })
    await page.goto(address)
    return page
  }

  /** What axe-core finds that a screen reader, a keyboard or weak eyes would stumble over. */
  async function findings(page: Page): Promise<string[]> {
    await page.evaluate(axe)
    const results: AxeResults = await page.evaluate('axe.run()')
    return results.violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html.slice(0, 120)}`))
  }

  async function halfDone(): Promise<Awaited<ReturnType<typeof runningRun>>> {
    const run = await runningRun(world, 'make buttons red\nand keep their focus ring')
    for (const step of ['admit-run', 'plan-run']) await tried(world, run, { step, outcome: 'done' })
    for (const variant of [1, 2, 3]) await tried(world, run, { step: 'reserve-branch', variant, outcome: 'done' })
    await tried(world, run, { step: 'write-patch', variant: 1, outcome: 'done' })
    await tried(world, run, { step: 'write-patch', variant: 2, outcome: 'retry', reasonClass: 'Error', message: 'x' })
    await tried(world, run, { step: 'write-patch', variant: 2, attempt: 2 })
    await tried(world, run, {
      ...{ step: 'write-patch', variant: 3, outcome: 'postponed', reasonClass: 'Throttled' },
      ...{ message: 'The model is asked too often.', resumesAt: new Date(Date.now() + 300_000) },
    })
    await patched(world, run, 1, diffOf('src/button.css', 'color: blue;', 'color: red;'))
    await patched(world, run, 2, diffOf('src/button.css', 'color: blue;', 'color: var(--danger);'))
    return run
  }

  const statusOf = (page: Page, variant: number) => page.getByRole('article').nth(variant - 1)

  test('a run goes through its states, and the page follows by itself and says so', async () => {
    const run = await runningRun(world)
    const page = await open(await world.linkTo(run.runId))
    expect(new URL(page.url()).search).toBe('')
    await page.getByText('Live', { exact: true }).waitFor()
    await tried(world, run, { step: 'reserve-branch', variant: 1 })
    await statusOf(page, 1).getByText('Checking the branch name.').waitFor()
    await page
      .getByRole('status')
      .filter({ hasText: 'v1: Running. Checking the branch name.' })
      .waitFor({ state: 'attached' })
    await page.getByText('Audit trail').click()
    await tried(world, run, {
      step: 'write-patch',
      variant: 2,
      outcome: 'postponed',
      resumesAt: new Date(Date.now() + 60_000),
    })
    await tried(world, run, { step: 'reserve-branch', variant: 2, outcome: 'done' })
    await statusOf(page, 2)
      .getByText(/Waiting for the model until/)
      .first()
      .waitFor()
    await patched(world, run, 1, diffOf('src/button.css', 'color: blue;', 'color: red;'))
    await page.getByText('color: red;').waitFor()
    await drafted(world, run, 1)
    await statusOf(page, 1).getByRole('link', { name: 'Draft 101' }).waitFor()
    expect(await statusOf(page, 1).getByRole('link').getAttribute('href')).toContain('/pullrequest/101')
    await world.store.variantFailed({ ...run, variant: 3, reason: 'Its edit does not fit.', reasonClass: 'rejected' })
    await statusOf(page, 3).getByText('Its edit does not fit.').waitFor()
    await world.store.conclude(run)
    await world.store.ended(run)
    await page.getByRole('heading', { level: 1, name: '1 of 3 drafts are ready' }).waitFor()
    // Unfolded by the reader, and left so through all of this.
    expect(await page.locator('#audit details').getAttribute('open')).not.toBeNull()
    await page.getByRole('cell', { name: 'Ended', exact: true }).waitFor()
    expect(await page.getByText('Live', { exact: true }).count()).toBe(0)
  })

  test('without scripts the page is whole, and a link asks for it anew', async () => {
    const run = await runningRun(world)
    const page = await open(await world.linkTo(run.runId), { javaScriptEnabled: false })
    await drafted(world, run, 1)
    await page.getByRole('link', { name: 'Refresh' }).click()
    await page.getByRole('heading', { level: 1, name: 'At work, 1 of 3 drafts are ready' }).waitFor()
  })

  test('an operator signs in, and cancels by keyboard alone', async () => {
    const run = await runningRun(world)
    const page = await open(`${world.url}/runs/sign-in?run=${run.runId}`, { asOperator: true })
    await page.getByText('Operator', { exact: true }).waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content')
    await page.locator('summary').filter({ hasText: 'Cancel this run' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('The model moves.')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Coming to its end' }).waitFor()
    expect(await world.store.run(run.runId)).toMatchObject({ endingCause: 'cancelled', reason: 'The model moves.' })
  })

  test('variants and columns are chosen at once', async () => {
    const run = await halfDone()
    const page = await open(await world.linkTo(run.runId))
    await page.getByLabel('v2', { exact: true }).uncheck()
    await page.waitForURL(/v=1/)
    expect(await page.getByText('color: var(--danger);').count()).toBe(0)
    await page.getByText('color: red;').waitFor()
  })

  test.each(['light', 'dark'] as const)('%s: nothing that axe finds, no sideways scrolling', async colorScheme => {
    const run = await halfDone()
    const running = await open(await world.linkTo(run.runId), { colorScheme })
    await running.getByText('Live', { exact: true }).waitFor()
    const folded = running.locator('details:not([open]) > summary')
    while ((await folded.count()) > 0) await folded.first().click()
    await running.screenshot({ path: join(screenshots, `run-running-${colorScheme}.png`), fullPage: true })
    expect(await findings(running)).toEqual([])
    for (const variant of [1, 2]) await drafted(world, run, variant)
    await world.store.conclude(run)
    await world.store.ended(run)
    const ended = await open(await world.linkTo(run.runId), { colorScheme })
    await ended.screenshot({ path: join(screenshots, `run-ended-${colorScheme}.png`), fullPage: true })
    expect(await findings(ended)).toEqual([])
    const narrow = await open(`${world.url}/runs/sign-in?run=${run.runId}`, {
      colorScheme,
      width: 390,
      asOperator: true,
    })
    await narrow.screenshot({ path: join(screenshots, `run-narrow-${colorScheme}.png`), fullPage: true })
    expect(await narrow.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
    expect(await findings(narrow)).toEqual([])
    const nothing = await open(`${world.url}/runs/sign-in`, { colorScheme, asOperator: true })
    expect(await findings(nothing)).toEqual([])
  })
})
