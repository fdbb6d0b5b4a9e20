// The whole graph, however large, on a canvas: drag to move, wheel or buttons to zoom, click to choose. Only what is in view is
// drawn. The tree-table beside it says the same for the keyboard and for screen readers.
import { IconFocusCentered, IconMinus, IconPlus } from '@tabler/icons-react';
import { type PointerEvent, useCallback, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { severityOf } from '../parts/Severity';
import { usePrefs } from '../shell/prefs';
import { clip } from '../text/printable';
import type { Branch, Forest } from './forest';
import { type Box, boxWidth, type Drawing, draw } from './layout';
import { commandLength, nameOf, secondLine } from './words';

interface Props {
  root: Branch;
  whole: Forest;
  chosen: string | undefined;
  choose: (id: string) => void;
  label: string;
}
interface View {
  x: number;
  y: number;
  scale: number;
}

const dashes: Record<string, number[]> = { injected: [7, 3], wrote_then_ran: [9, 3, 2, 3], connected: [2, 3], wrote: [5, 4], read: [5, 4] };
const scales = { least: 0.05, most: 2.5, text: 0.45, begin: 0.9 };
const still = 4;

export function GraphCanvas({ root, whole, chosen, choose, label }: Props) {
  const { t } = useTranslation();
  const { theme } = usePrefs();
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<View>({ x: 0, y: 0, scale: 0 });
  const drawing = useMemo(() => draw(root, whole), [root, whole]);
  const frame = useRef(0);
  const rootWord = t('graph.root');

  const paint = useCallback(() => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      if (canvas.current) paintInto(canvas.current, drawing, view.current, chosen, rootWord);
    });
  }, [drawing, chosen, rootWord]);
  const fit = useCallback(() => {
    const element = canvas.current;
    if (!element) return;
    const scale = Math.min(element.clientWidth / drawing.width, element.clientHeight / drawing.height, 1);
    view.current = { scale, x: (element.clientWidth - drawing.width * scale) / 2, y: (element.clientHeight - drawing.height * scale) / 2 };
    paint();
  }, [drawing, paint]);
  const zoom = useCallback(
    (factor: number, x: number, y: number) => {
      const old = view.current;
      const scale = Math.min(scales.most, Math.max(scales.least, old.scale * factor));
      view.current = { scale, x: x - ((x - old.x) * scale) / old.scale, y: y - ((y - old.y) * scale) / old.scale };
      paint();
    },
    [paint],
  );

  const start = useCallback(() => {
    fit();
    const element = canvas.current;
    const box = drawing.boxes.find((one) => one.branch.id === chosen) ?? drawing.boxes.find((one) => one.branch.node?.entry);
    // Too much to read at once: begin at what is chosen.
    if (!element || !box || view.current.scale >= scales.text) return;
    const scale = scales.begin;
    view.current = { scale, x: Math.min(0, element.clientWidth / 3 - box.x * scale), y: Math.min(0, element.clientHeight / 4 - box.y * scale) };
    paint();
  }, [fit, paint, drawing, chosen]);

  useEffect(() => {
    if (view.current.scale === 0) start();
    else paint();
  }, [start, paint, theme]);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    const watch = new ResizeObserver(paint);
    watch.observe(element);
    return () => {
      element.removeEventListener('wheel', onWheel);
      watch.disconnect();
    };
  }, [paint, zoom]);

  const drag = useRef<{ x: number; y: number; from: View; moved: boolean } | null>(null);
  const down = (event: PointerEvent) => {
    drag.current = { x: event.clientX, y: event.clientY, from: { ...view.current }, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const at = drag.current;
    if (!at) return;
    const [dx, dy] = [event.clientX - at.x, event.clientY - at.y];
    at.moved ||= Math.hypot(dx, dy) > still;
    view.current = { ...at.from, x: at.from.x + dx, y: at.from.y + dy };
    paint();
  };
  const up = (event: PointerEvent) => {
    if (drag.current && !drag.current.moved) {
      const hit = boxAt(drawing, view.current, event.nativeEvent.offsetX, event.nativeEvent.offsetY);
      if (hit?.branch.node) choose(hit.branch.id);
    }
    drag.current = null;
  };
  const middle = () => [(canvas.current?.clientWidth ?? 0) / 2, (canvas.current?.clientHeight ?? 0) / 2] as const;
  return (
    <div style={{ position: 'relative', width: '100%' }}>
      <canvas ref={canvas} role="img" aria-label={label} onPointerDown={down} onPointerMove={move} onPointerUp={up} />
      <div className="switch" style={{ position: 'absolute', insetInlineEnd: 8, bottom: 8, background: 'var(--panel)' }}>
        <button type="button" aria-label={t('graph.zoomIn')} title={t('graph.zoomIn')} onClick={() => zoom(1.4, ...middle())}>
          <IconPlus size={14} aria-hidden />
        </button>
        <button type="button" aria-label={t('graph.zoomOut')} title={t('graph.zoomOut')} onClick={() => zoom(1 / 1.4, ...middle())}>
          <IconMinus size={14} aria-hidden />
        </button>
        <button type="button" aria-label={t('graph.fit')} title={t('graph.fit')} onClick={fit}>
          <IconFocusCentered size={14} aria-hidden />
        </button>
      </div>
    </div>
  );
}

function boxAt(drawing: Drawing, view: View, x: number, y: number): Box | undefined {
  const [gx, gy] = [(x - view.x) / view.scale, (y - view.y) / view.scale];
  return drawing.boxes.find((box) => gx >= box.x && gx <= box.x + boxWidth && gy >= box.y && gy <= box.y + box.height);
}

function paintInto(canvas: HTMLCanvasElement, drawing: Drawing, view: View, chosen: string | undefined, rootWord: string) {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== width * ratio) canvas.width = width * ratio;
  if (canvas.height !== height * ratio) canvas.height = height * ratio;
  const style = getComputedStyle(document.documentElement);
  const color = (name: string) => style.getPropertyValue(name);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  pen.translate(view.x, view.y);
  pen.scale(view.scale, view.scale);
  const seen = { left: -view.x / view.scale, top: -view.y / view.scale, right: (width - view.x) / view.scale, bottom: (height - view.y) / view.scale };
  for (const line of drawing.lines) {
    if (line.bottom < seen.top || line.top > seen.bottom) continue;
    pen.strokeStyle = color(line.onPath ? '--accent' : line.kind === 'injected' ? '--warn-text' : '--muted');
    pen.lineWidth = (line.onPath ? 2 : 1.2) / Math.min(1, view.scale * 1.5);
    pen.setLineDash(dashes[line.kind] ?? []);
    pen.stroke(new Path2D(line.path));
  }
  pen.setLineDash([]);
  for (const box of drawing.boxes) {
    if (box.x > seen.right || box.x + boxWidth < seen.left || box.y > seen.bottom || box.y + box.height < seen.top) continue;
    paintBox(pen, box, box.branch.id === chosen, view.scale >= scales.text, color, rootWord);
  }
}

function paintBox(pen: CanvasRenderingContext2D, box: Box, chosen: boolean, withText: boolean, color: (name: string) => string, rootWord: string) {
  const node = box.branch.node;
  pen.fillStyle = color(chosen ? '--accent-soft' : node?.ordinary ? '--panel' : '--raised');
  pen.strokeStyle = color(chosen ? '--accent' : '--line-strong');
  pen.lineWidth = chosen ? 2 : 1;
  pen.beginPath();
  pen.roundRect(box.x, box.y, boxWidth, box.height, 4);
  pen.fill();
  pen.stroke();
  if (node?.severity) {
    pen.fillStyle = color(`--sev-${severityOf(node.severity)}`);
    pen.fillRect(box.x, box.y, 4, box.height);
  }
  if (!withText || !node) return;
  pen.fillStyle = color('--text');
  pen.font = `600 12px ${color('--font')}`;
  pen.fillText(nameOf(box.branch) + (node.process ? ` ${node.process.pid}` : '') + (node.ended === true ? ' ✕' : ''), box.x + 11, box.y + 16);
  pen.fillStyle = color('--muted');
  pen.font = `10.5px ${color('--mono')}`;
  pen.fillText(clip(secondLine(box.branch), commandLength), box.x + 11, box.y + 30);
  if (!node.entry) return;
  pen.fillStyle = color('--accent');
  pen.font = `650 11px ${color('--font')}`;
  pen.fillText(`◆ ${rootWord}`, box.x + 11, box.y + box.height - 7);
}
