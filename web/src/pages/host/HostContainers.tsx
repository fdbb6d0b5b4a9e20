// Containers of a host, as its processes tell: asked of it now.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { HostProcess } from '../../api/client';
import { processes as processesQuery } from '../../api/queries';
import { useFormat } from '../../i18n/format';
import { AskedPanel } from '../../parts/AskedPanel';
import { Hostile } from '../../parts/Hostile';
import { PlainTable } from '../../parts/PlainTable';
import { Empty } from '../../parts/states';

interface Container {
  id: string;
  image: string | null;
  processes: number;
  memory: number;
  /** The process that started first. */
  first: HostProcess;
}

export function containersOf(processes: readonly HostProcess[]): Container[] {
  const found = new Map<string, Container>();
  for (const process of processes) {
    if (!process.container_id) continue;
    const known = found.get(process.container_id);
    const first = known && (known.first.started ?? '') <= (process.started ?? '') ? known.first : process;
    found.set(process.container_id, { id: process.container_id, image: known?.image ?? process.container_image, processes: (known?.processes ?? 0) + 1, memory: (known?.memory ?? 0) + (process.resident_bytes ?? 0), first });
  }
  return [...found.values()].sort((a, b) => b.memory - a.memory);
}

export function HostContainers({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const query = useQuery(processesQuery(id));
  const all = useMemo(() => containersOf(query.data?.processes ?? []), [query.data]);
  return (
    <AskedPanel title={t('host.containers')} query={query} answers={(data) => [data.answer]}>
      {() =>
        all.length === 0 ? (
          <Empty text={t('host.noContainers')} />
        ) : (
          <PlainTable label={t('host.containers')} heads={[t('column.id'), t('host.image'), t('host.first'), t('process.started'), [t('host.processes')], [t('host.memory')]]} testid="containers">
            {all.map((one) => (
              <tr key={one.id}>
                <td>
                  <Hostile code text={one.id.slice(0, 12)} />
                </td>
                <td className="wrap">
                  <Hostile text={one.image} limit={160} />
                </td>
                <td className="wrap">
                  <Hostile code text={one.first.command_line || one.first.executable} limit={200} />
                </td>
                <td className="time">{format.time(one.first.started)}</td>
                <td className="num">{format.number(one.processes)}</td>
                <td className="num nowrap">{format.bytes(one.memory)}</td>
              </tr>
            ))}
          </PlainTable>
        )
      }
    </AskedPanel>
  );
}
