import { init, type EChartsOption } from 'echarts';
import { figures, type Goal } from '../goals.ts';
import type { Fact, Result } from '../measurement.ts';
import type { Form, Report } from './report.ts';
import { shown } from './tables.ts';

export type Plot = { file: string; title: string; svg: string };

/** Topics that get a plot, in order. */
const plotted = [
  'Decision to first line',
  'Signal → tool among paused runs',
  'Throughput of whole runs',
  'Peers: decision → tool',
];

/** Legible on white and on black. */
const ink = '#7d8590';
const palette = ['#2f81f7', '#8957e5', '#db6d28', '#3fb950'];
const width = 880;
/** Pixels of one bar, and of the space around the bars. */
const bar = 16;
const around = 110;

/** Plots of the reports of one form: SVG by ECharts. */
export function plotsOf(form: Form, reports: readonly Report[]): Plot[] {
  const topics = Map.groupBy(
    reports.flatMap(({ facts }) => facts),
    ({ topic }) => topic,
  );
  return [
    goalsPlot(
      form,
      reports.flatMap(({ results }) => results),
    ),
    ...plotted.flatMap((topic) => {
      const facts = topics.get(topic);
      return facts === undefined ? [] : [{ file: `${form}-${slug(topic)}.svg`, title: topic, svg: barsOf(facts) }];
    }),
  ];
}

/** Every figure as a share of its goal. A bar that ends before the line reaches the goal. */
function goalsPlot(form: Form, results: readonly Result[]): Plot {
  const shares = figures.flatMap(({ id, figure, goals }) => {
    const values = results.find((result) => result.id === id)?.values;
    return goals.flatMap(({ name, atMost, atLeast }: Goal) => {
      const value = values?.[name];
      // A goal of 0 has no share.
      if (value === undefined || atMost === 0) return [];
      return [
        {
          name: name === '' ? shortened(figure) : `${shortened(figure)}, ${name}`,
          share: atMost === undefined ? (atLeast as number) / value : value / atMost,
        },
      ];
    });
  });
  const svg = draw(
    shares.length,
    shares.map(({ name }) => name),
    {
      xAxis: {
        ...axis,
        type: 'value',
        position: 'top',
        max: ({ max }: { max: number }) => Math.max(1.2, max),
        axisLabel: { color: ink, formatter: (value: number) => `${Math.round(value * 100)} %` },
      },
      series: [
        {
          type: 'bar',
          data: shares.map(({ share }) => ({
            value: share,
            itemStyle: { color: share <= 1 ? (palette[3] as string) : '#f85149' },
          })),
          barWidth: bar * 0.7,
          label: {
            show: true,
            position: 'right',
            color: ink,
            formatter: ({ value }) => `${Math.round(Number(value) * 100)} %`,
          },
          markLine: {
            symbol: 'none',
            silent: true,
            label: { formatter: 'goal', position: 'end', color: ink },
            lineStyle: { color: ink, type: 'dashed' },
            data: [{ xAxis: 1 }],
          },
        },
      ],
    },
  );
  return { file: `${form}-goals.svg`, title: 'Each figure as a share of its goal', svg };
}

/** One group of bars per name, one colour per column. Logarithmic if the smallest bar would be invisible. */
function barsOf(facts: readonly Fact[]): string {
  const names = [...new Set(facts.map(({ name }) => name))];
  const columns = [...new Set(facts.map(({ column }) => column ?? ''))];
  const values = facts.map(({ value }) => value);
  const isWide = Math.max(...values) > 50 * Math.min(...values);
  return draw(names.length * columns.length, names, {
    legend: { top: 0, itemGap: 40, textStyle: { color: ink } },
    xAxis: { ...axis, type: isWide ? 'log' : 'value', name: facts[0]?.unit ?? '', axisLabel: { color: ink } },
    series: columns.map((column, index) => ({
      type: 'bar',
      name: column,
      color: palette[index] as string,
      barWidth: bar * 0.7,
      data: names.map(
        (name) => facts.find((fact) => fact.name === name && (fact.column ?? '') === column)?.value ?? null,
      ),
      label: {
        show: true,
        position: 'right',
        color: ink,
        fontSize: 10,
        formatter: ({ value }) => shown(Number(value)),
      },
    })),
  });
}

const axis = { nameTextStyle: { color: ink }, splitLine: { lineStyle: { color: ink, opacity: 0.25 } } };

function draw(bars: number, names: readonly string[], option: EChartsOption): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: bars * bar + names.length * 8 + around });
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif' },
    grid: { left: 330, right: 70, top: 40, bottom: 40 },
    yAxis: {
      type: 'category',
      data: [...names],
      inverse: true,
      axisLine: { lineStyle: { color: ink } },
      axisTick: { show: false },
      axisLabel: { color: ink, width: 240, overflow: 'break' },
    },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function slug(topic: string): string {
  return topic
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .replaceAll(/^-|-$/g, '');
}

/** A figure's name up to its explanation. */
function shortened(figure: string): string {
  return figure.replace(/:.*|, against .*|, p99$/, '');
}
