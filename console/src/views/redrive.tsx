import { useState } from 'preact/hooks';
import { Failure, redrive } from '../data/api.ts';
import { Confirm } from '../ui/dialog.tsx';
import { toast } from '../ui/toasts.tsx';
import { count } from '../ui/words.ts';

type RedriveProps = { batchIds: readonly string[]; discard: boolean; onClose: () => void; onDone: () => void };

/** Asks, and then tries dead batches again or gives them up. What waits behind them goes on in both cases. */
export function RedriveDialog({ batchIds, discard, onClose, onDone }: RedriveProps) {
  const [busy, setBusy] = useState(false);
  const n = count(batchIds.length, 'batch', 'batches');
  const run = async () => {
    setBusy(true);
    try {
      const { redriven, discarded } = await redrive(batchIds, discard);
      const done = discard ? discarded : redriven;
      const others = batchIds.length - done;
      toast(`${count(done, 'batch', 'batches')} ${discard ? 'discarded' : 'sent again'}.${others > 0 ? ` ${others} had changed meanwhile.` : ''}`);
      onDone();
    } catch (error) {
      toast(error instanceof Failure ? `Nothing is certain: ${error.message} Repeating is safe.` : 'This page could not send the request.', { bad: true });
      onClose();
    }
  };
  return (
    <Confirm
      title={discard ? `Discard ${n}?` : `Send ${n} again?`}
      verb={discard ? 'Discard for good' : 'Redrive'}
      danger={discard}
      busy={busy}
      onClose={onClose}
      onConfirm={() => void run()}
    >
      {discard
        ? <p>Every action in it ends as <em>rejected: discarded</em>, and its phone tells the user. What they wrote is not applied. This can not be undone.</p>
        : <p>The worker takes it up at once, in its old place. An action that meets a newer change never overwrites it: it becomes a conflict. If the cause is still there, it fails again.</p>}
      <p class="quiet">Actions of the same device that wait behind it go on too.</p>
    </Confirm>
  );
}
