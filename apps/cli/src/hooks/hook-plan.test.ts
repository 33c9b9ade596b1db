import type { HookSubscription } from '@code-agent/ado/hook-subscriptions'
import { expect, test } from 'vitest'
import { flawOf, planHooks } from './hook-plan.ts'

const url = 'https://code-agent.example.com/webhooks/azure-devops'
const shop = { id: 'p-shop', name: 'shop' }
const bank = { id: 'p-bank', name: 'bank' }

function hook(change: Partial<HookSubscription> = {}): HookSubscription {
  return {
    ...{ id: 'h1', projectId: shop.id, url, username: 'azure-devops', status: 'enabled' },
    ...{ resourceVersion: '2.0', detail: 'all', probationRetries: 0 },
    ...change,
  }
}

function planned(existing: HookSubscription[], renew = false): string[] {
  const plan = planHooks({ projects: [shop, bank], existing, url, username: 'azure-devops', renew })
  return plan.map(step => `${step.action} ${step.project.name}${step.action === 'create' ? '' : ` ${step.hook.id}`}`)
}

test('a project without a hook gets one, one that has it keeps it', () => {
  expect(planned([])).toEqual(['create shop', 'create bank'])
  expect(planned([hook()])).toEqual(['keep shop h1', 'create bank'])
  expect(planned([hook({ projectId: 'P-SHOP', url: `${url}/` })])).toEqual(['keep shop h1', 'create bank'])
})

test('hooks that deliver elsewhere are nobody of ours', () => {
  expect(planned([hook({ url: 'https://example.com/other' })])).toEqual(['create shop', 'create bank'])
})

test('what keeps a hook from telling what we need is mended, and each is renewed when its password changed', () => {
  for (const flaw of [
    { status: 'on-probation' as const },
    { status: 'disabled-by-system' as const },
    { resourceVersion: '1.0' },
    { detail: 'minimal' },
    { username: 'somebody' },
  ]) {
    expect(flawOf(hook(flaw), 'azure-devops'), JSON.stringify(flaw)).toEqual(expect.any(String))
    expect(planned([hook(flaw)])[0]).toBe('replace shop h1')
  }
  expect(planned([hook()], true)[0]).toBe('replace shop h1')
})

test('of two that say the same the one that works stays', () => {
  const broken = hook({ id: 'h0', status: 'disabled-by-user' })
  expect(planned([broken, hook()])).toEqual(['keep shop h1', 'remove shop h0', 'create bank'])
})

test('a hook for all projects serves each of them, and is never removed for one', () => {
  const everywhere = hook({ id: 'all', projectId: '' })
  expect(planned([everywhere])).toEqual(['keep shop all', 'keep bank all'])
  expect(planned([everywhere, hook()])).toEqual(['keep shop all', 'remove shop h1', 'keep bank all'])
  expect(planned([hook({ id: 'all', projectId: '', status: 'on-probation' }), hook()])[0]).toBe('keep shop h1')
})
