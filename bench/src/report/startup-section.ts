import { percentile } from '../statistics.js';
import type { StartRound, StartupResult } from '../startup/startup.js';
import { table } from './tables.js';
import type { Target } from './target.js';

const MOST_MS = 50;

export function startupSection(result: StartupResult): string {
  const { routes, few, rounds } = result;
  const row = (name: string, of: (round: StartRound, unit: 'wall' | 'cpu') => number) => [
    name,
    ...(['wall', 'cpu'] as const).map((unit) => milliseconds(medianOf(result, of, unit))),
  ];
  return [
    `An application starts in a process of its own, bare and with every route tracked, ${rounds.length} times in turn.`,
    '',
    table(
      ['', 'until it listens', 'CPU'],
      [
        row(`bare, ${routes} routes`, ({ bare }, unit) => bare[unit]),
        row('tracking adds', added),
        row(`tracking adds with ${few} routes`, addedOfFew),
        row('so the routes add', ofRoutes),
      ],
    ),
  ].join('\n');
}

export function startupTargets(result: StartupResult): Target[] {
  const measured = medianOf(result, ofRoutes, 'wall');
  return [
    {
      what: `what ${result.routes} routes add to a start`,
      bound: `under ${MOST_MS} ms`,
      measured: milliseconds(measured),
      verdict: measured < MOST_MS ? 'yes' : '**no**',
    },
  ];
}

function added({ bare, ours }: StartRound, unit: 'wall' | 'cpu'): number {
  return ours[unit] - bare[unit];
}

function addedOfFew({ bareOfFew, oursOfFew }: StartRound, unit: 'wall' | 'cpu'): number {
  return oursOfFew[unit] - bareOfFew[unit];
}

function ofRoutes(round: StartRound, unit: 'wall' | 'cpu'): number {
  return added(round, unit) - addedOfFew(round, unit);
}

function medianOf(
  { rounds }: StartupResult,
  of: (round: StartRound, unit: 'wall' | 'cpu') => number,
  unit: 'wall' | 'cpu',
): number {
  return percentile(
    rounds.map((round) => of(round, unit)),
    50,
  );
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}
