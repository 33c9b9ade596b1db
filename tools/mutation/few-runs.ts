import fc from 'fast-check'

// Every surviving mutant costs all runs of every property that reaches it; the seed keeps the score the same each time.
fc.configureGlobal({ numRuns: 25, seed: 1 })
