// Bars or a line over time, drawn by uPlot on a canvas, with a table of the same figures for whoever cannot see it.
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useFormat } from '../i18n/format';
import { usePrefs } from '../shell/prefs';

export interface Series {
  name: string;
  /** A custom property of the style sheet: `--sev-low`. */
  color: string;
  values: number[];
}

interface Props {
  label: string;
  /** Milliseconds. */
  times: number[];
  series: Series[];
  stacked?: boolean;
  height?: number;
  /** What stands below: the clock's hour, or the day. */
  ticks?: 'hour' | 'day';
}

const colorOf = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Each series on top of the ones before it; drawn from the last to the first, so that none hides another. */
function stack(series: Series[]): number[][] {
  const sums: number[][] = [];
  for (const [at, one] of series.entries()) sums.push(one.values.map((value, index) => value + (sums[at - 1]?.[index] ?? 0)));
  return sums;
}

export function Chart({ label, times, series, stacked, height = 160, ticks = 'hour' }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const format = useFormat();
  const { theme } = usePrefs();
  useEffect(() => {
    const element = box.current;
    if (!element || times.length === 0) return;
    const step = times.length > 1 ? ((times[1] ?? 0) - (times[0] ?? 0)) / 1000 : 3600;
    const heights = stacked ? stack(series).reverse() : series.map((one) => one.values);
    const drawn = stacked ? [...series].reverse() : series;
    const axis = { stroke: colorOf('--muted'), grid: { stroke: colorOf('--line'), width: 1 }, ticks: { show: false }, font: '11px sans-serif' };
    const bars = uPlot.paths.bars?.({ size: [0.72, 60], align: 1 });
    const plot = new uPlot(
      {
        width: element.clientWidth,
        height,
        cursor: { show: false },
        legend: { show: false },
        padding: [8, 8, 0, 0],
        scales: {
          x: { range: (_, low, high) => [low, stacked ? high + step : high] },
          y: { range: (_, __, high) => [0, Math.max(high * 1.1, 4)] },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 26, space: 70, values: (_, splits) => splits.map((tick) => format[ticks](tick * 1000)) },
          { ...axis, size: 44, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6], values: (_, ticks) => ticks.map((tick) => format.number(tick)) },
        ],
        series: [
          {},
          ...drawn.map((one) => ({
            stroke: colorOf(one.color),
            fill: stacked ? colorOf(one.color) : undefined,
            width: stacked ? 0 : 1.6,
            paths: stacked ? bars : undefined,
            points: { show: false },
          })),
        ],
      },
      [times.map((time) => time / 1000), ...heights],
      element,
    );
    const watch = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [times, series, stacked, height, ticks, format, theme]);
  return (
    <figure className="chart" style={{ height: height + 8 }}>
      <div ref={box} aria-hidden />
      <table className="visually-hidden">
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{label}</th>
            {series.map((one) => (
              <th key={one.name} scope="col">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr key={time}>
              <th scope="row">{format[ticks](time)}</th>
              {series.map((one) => (
                <td key={one.name}>{format.number(one.values[index] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}
