/** A bar of a chart: parts with their widths in the chart's unit, drawn one after the other. */
export interface Bar {
  label: string;
  parts: { value: number; tone: "plain" | "strong" | "alternative" }[];
  note: string;
}

export interface BarGroup {
  title: string;
  bars: Bar[];
}

const LABEL = 190;
const WIDTH = 760;
const BAR = 18;
const ROW = 28;
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
.plain { fill: #9aa4b2 } .strong { fill: #2962ff } .alternative { fill: #e8833a }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .plain { fill: #6b7684 } }`;

/** Return an SVG with horizontal bars in groups, all to one scale; readable on light and on dark. */
export function barChart(title: string, groups: BarGroup[]): string {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(length)));
  const scale = (WIDTH - LABEL - 190) / longest;
  const lines: string[] = [];
  let y = 8;
  for (const group of groups) {
    y += 20;
    lines.push(text(0, y, group.title, "title"));
    y += 8;
    for (const bar of group.bars) {
      lines.push(text(0, y + BAR - 4, bar.label));
      let x = LABEL;
      for (const { value, tone } of bar.parts) {
        const width = round(value * scale);
        lines.push(`<rect class="${tone}" x="${round(x)}" y="${y}" width="${width}" height="${BAR}"/>`);
        x += width;
      }
      lines.push(text(round(x + 8), y + BAR - 4, bar.note));
      y += ROW;
    }
  }
  const size = `width="${WIDTH}" height="${y + 4}" viewBox="0 0 ${WIDTH} ${y + 4}"`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${size}>`;
  return [head, `<title>${escape(title)}</title>`, `<style>${STYLE}</style>`, ...lines, "</svg>", ""].join("\n");
}

function length(bar: Bar): number {
  return bar.parts.reduce((sum, { value }) => sum + value, 0);
}

function text(x: number, y: number, content: string, style?: string): string {
  return `<text${style ? ` class="${style}"` : ""} x="${x}" y="${y}">${escape(content)}</text>`;
}

function escape(content: string): string {
  return content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
