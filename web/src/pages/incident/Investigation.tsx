// The graph (or its table) beside the chosen process. Folded to the root-cause path at first; the whole on demand.
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { IncidentDetail, ResponseAction } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { type Branch, forest, fold, mostInSvg, telling } from '../../graph/forest';
import { GraphCanvas } from '../../graph/GraphCanvas';
import { GraphSvg } from '../../graph/GraphSvg';
import { TreeTable } from '../../graph/TreeTable';
import { Panel } from '../../parts/Panel';
import { Empty } from '../../parts/states';
import { Chosen } from './Chosen';

interface Props {
  detail: IncidentDetail;
  chosen: string | undefined;
  choose: (id: string) => void;
  act: (action: ResponseAction) => void;
  show: (ids: readonly string[]) => void;
}

const mostUnfolded = 60;

export function Investigation({ detail, chosen, choose, act, show }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const { graph } = detail.incident;
  const [whole, setWhole] = useState(false);
  const [asTable, setAsTable] = useState(false);
  const tree = useMemo(() => forest(graph), [graph]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const folded = useMemo(() => fold(tree.root, telling(tree), opened), [tree, opened]);
  const root = whole ? tree.root : folded;
  const label = t(whole ? 'graph.whole' : 'graph.path');
  const kinds = [...new Set(graph.edges.map((edge) => edge.kind))];
  const common = { root, whole: tree, chosen, choose, label };
  // A fold opens in its place; one that holds more than the picture bears opens the full graph.
  const unfold = (branch: Branch) => (branch.folded > mostUnfolded ? setWhole(true) : setOpened((old) => new Set(old).add(branch.id)));
  const node = graph.nodes.find((one) => one.id === chosen);
  return (
    <div className="investigate">
      <Panel
        title={t('graph.title')}
        className="graph-panel"
        flush
        tools={
          <>
            <div className="switch" role="group" aria-label={t('graph.extent')}>
              <button type="button" aria-pressed={!whole} onClick={() => (setWhole(false), setOpened(new Set()))}>
                {t('graph.path')}
              </button>
              <button type="button" aria-pressed={whole} onClick={() => setWhole(true)} data-testid="whole">
                {t('graph.whole')} ({format.number(graph.nodes.length)})
              </button>
            </div>
            <div className="switch" role="group" aria-label={t('graph.form')}>
              <button type="button" aria-pressed={!asTable} onClick={() => setAsTable(false)}>
                {t('graph.picture')}
              </button>
              <button type="button" aria-pressed={asTable} onClick={() => setAsTable(true)} data-testid="as-table">
                {t('graph.table')}
              </button>
            </div>
          </>
        }
      >
        {graph.nodes.length === 0 ? (
          <Empty text={t('graph.none')} />
        ) : asTable ? (
          <TreeTable root={root} chosen={chosen} choose={choose} unfold={unfold} label={label} />
        ) : (
          <div className="graph">{whole && graph.nodes.length > mostInSvg ? <GraphCanvas {...common} /> : <GraphSvg {...common} unfold={unfold} />}</div>
        )}
        <div className="legend">
          {kinds.map((kind) => (
            <span key={kind}>
              <svg width="30" height="8" aria-hidden>
                <path className={`edge is-${kind}`} d="M0 4H30" />
              </svg>
              {t(`graph.edge.${kind}`)}
            </span>
          ))}
          {graph.edges.some((edge) => edge.on_path) && (
            <span>
              <svg width="30" height="8" aria-hidden>
                <path className="edge is-path" d="M0 4H30" />
              </svg>
              {t('graph.onPath')}
            </span>
          )}
          {graph.nodes.some((one) => one.ended === true) && <span>✕ {t('graph.ended')}</span>}
          {detail.counters === 'unavailable' && <span>{t('graph.uncounted')}</span>}
          {graph.hidden > 0 && <span>{t('graph.hidden', { count: graph.hidden, formatted: format.number(graph.hidden) })}</span>}
        </div>
      </Panel>
      <Chosen incident={detail.incident} node={node} counted={detail.counters === 'counted'} act={act} show={show} />
    </div>
  );
}
