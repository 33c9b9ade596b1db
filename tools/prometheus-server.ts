import { type LoopbackServer, startLoopbackServer } from './loopback-server.ts'
import type { PrometheusPrograms } from './prometheus-binary.ts'

export type PrometheusServer = LoopbackServer & { url: string }

/** A private Prometheus on 127.0.0.1 that dies with this process. `configFile` as prometheus.yml. */
export async function startPrometheus(of: {
  programs: PrometheusPrograms
  configFile: string
}): Promise<PrometheusServer> {
  const server = await startLoopbackServer({
    name: 'prometheus',
    dir: undefined,
    port: undefined,
    endSignal: 'SIGTERM',
    command: (dir, port) => [
      of.programs.prometheus,
      `--config.file=${of.configFile}`,
      `--storage.tsdb.path=${dir}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    isReady: async (_server, _dir, port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined)
      return answer?.ok === true
    },
  })
  return Object.assign(server, { url: `http://127.0.0.1:${server.port}` })
}
