import { NEW_HEAD, type Head } from '../../engine/cursor.ts';
import type { ScopeLog } from '../../service/ports/scope-log.ts';
import { commitsOf, commitToItem } from './commit-codec.ts';
import type { DynamoTable, Expression, Item } from './table.ts';

/** What a read gives at most, unpacked. */
const READ_CHARACTERS = 4 * 1024 * 1024;

const NO_COMMIT_YET: Expression = { text: 'attribute_not_exists(#scope)', names: { '#scope': 'scope' } };

const WITHOUT_BODY: Expression = {
  text: '#scope, #n, #applied, #at, #epoch, #start, #end',
  names: { '#scope': 'scope', '#n': 'n', '#applied': 'applied', '#at': 'applied_at', '#epoch': 'epoch', '#start': 'start', '#end': 'end' },
};

/** The logs: a commit is item n, the head is item 0 (design 3, `scope_log`). */
export function createScopeLog(table: DynamoTable): ScopeLog {
  return {
    async head(scope) {
      return headOf(await table.get({ scope, n: 0 }));
    },

    async read(scope, after, upTo, { strong, limit }) {
      const first = Math.max(1, after + 1);
      const last = Math.min(upTo, Number.MAX_SAFE_INTEGER);
      if (last < first || limit === 0) return { commits: [], end: last < first };
      const { items, next } = await table.query({
        where: {
          text: '#scope = :scope AND #n BETWEEN :first AND :last',
          names: { '#scope': 'scope', '#n': 'n' },
          values: { ':scope': scope, ':first': first, ':last': last },
        },
        strong,
        ...(limit === undefined ? {} : { limit }),
      });
      const commits = commitsOf(items, READ_CHARACTERS);
      const all = next === undefined && commits.length === items.length;
      return { commits, end: all || commits.at(-1)?.n === last };
    },

    async put(commit) {
      return (await table.put(commitToItem(commit), NO_COMMIT_YET)) ? 'put' : 'taken';
    },

    async advance(scope, applied, appliedAt, epoch) {
      await table.update(
        { scope, n: 0 },
        {
          text: 'SET #applied = :applied, #at = :at, #epoch = if_not_exists(#epoch, :epoch)',
          names: { '#applied': 'applied', '#at': 'applied_at', '#epoch': 'epoch' },
          values: { ':applied': applied, ':at': appliedAt, ':epoch': epoch },
        },
        { text: 'attribute_not_exists(#applied) OR #applied < :applied', names: {} },
      );
    },

    async startEpoch(scope, read, epoch, start) {
      const asRead = '#applied = :read AND #epoch = :readEpoch';
      const mayBeNew = read.applied === NEW_HEAD.applied && read.epoch === NEW_HEAD.epoch;
      const after = await table.update(
        { scope, n: 0 },
        {
          text: 'SET #applied = :applied, #at = :at, #epoch = :epoch, #start = :start, #end = :read',
          names: { '#applied': 'applied', '#at': 'applied_at', '#epoch': 'epoch', '#start': 'start', '#end': 'end' },
          values: { ':applied': start - 1, ':at': read.appliedAt, ':epoch': epoch, ':start': start, ':read': read.applied },
        },
        {
          text: mayBeNew ? `attribute_not_exists(#applied) OR (${asRead})` : asRead,
          names: {},
          values: { ':readEpoch': read.epoch },
        },
      );
      return after !== undefined;
    },

    async *heads(after) {
      // No filter: a scope without a head shows by its commits only. To filter would cost as many units.
      let from: Item | undefined = after === undefined ? undefined : { scope: after, n: Number.MAX_SAFE_INTEGER };
      let last: unknown;
      do {
        const { items, next } = await table.scan(undefined, { from, only: WITHOUT_BODY });
        for (const item of items) {
          // The items of a scope lie together, in order of n: the head first.
          if (item['scope'] === last) continue;
          last = item['scope'];
          const scope = String(last);
          yield { scope, head: item['n'] === 0 ? headOf(item) : headOf(await table.get({ scope, n: 0 })) };
        }
        from = next;
      } while (from);
    },
  };
}

function headOf(item: Item | undefined): Head {
  if (!item) return { ...NEW_HEAD };
  const head = item as { applied: number; applied_at: number; epoch: number; start?: number; end?: number };
  return { applied: head.applied, appliedAt: head.applied_at, epoch: head.epoch, start: head.start ?? 0, end: head.end ?? 0 };
}
