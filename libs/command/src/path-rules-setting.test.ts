import { expect, test } from 'vitest'
import { pathRules } from './path-rules-setting.ts'

const verdicts = (setting: string, path: string) =>
  pathRules(setting)
    .filter(rule => rule.fits(path))
    .map(rule => rule.verdict)

test('each rule says what happens to which paths, in order', () => {
  const setting = 'allow:.gitignore, block:templates/**,\nREVIEW: Infra/'
  expect(verdicts(setting, 'web/.gitignore')).toEqual(['allow'])
  expect(verdicts(setting, 'templates/steps.yml')).toEqual(['block'])
  expect(verdicts(setting, 'infra/main.bicep')).toEqual(['review'])
  expect(verdicts(setting, 'src/app.ts')).toEqual([])
})

test('a rule without its word, or with a wrong one, does not open anything', () => {
  expect(verdicts('templates/**', 'templates/steps.yml')).toEqual(['block'])
  expect(verdicts('alow:templates/**', 'templates/steps.yml')).toEqual(['alow'])
  expect(pathRules(' , \n')).toEqual([])
})
