// Judges policy cases with an evaluator that is not ours: a JSON list of cases on stdin, a list of verdicts on stdout.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const require = createRequire(pathToFileURL(process.argv[2] + '/'))
const { runSimulation } = require('@cloud-copilot/iam-simulate')

const verdicts = []
for (const given of JSON.parse(readFileSync(0, 'utf8'))) {
  const answer = await runSimulation(
    { serviceControlPolicies: [], resourceControlPolicies: [], identityPolicies: [], ...given },
    {}
  )
  const result = answer.result ?? {}
  verdicts.push({
    verdict: answer.overallResult ?? null,
    ignored: Object.keys(result.ignoredContextKeys ?? {}).length ? result.ignoredContextKeys : [],
    errors: answer.errors ?? null
  })
}
process.stdout.write(JSON.stringify(verdicts))
