import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';

type DialogProps = { title: string; children: ComponentChildren; onClose: () => void };

/** The browser's own modal dialog: it keeps the focus inside, closes by Escape, and gives the focus back. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={element} aria-labelledby={id} onCancel={(event) => { event.preventDefault(); onClose(); }}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

type ConfirmProps = DialogProps & { verb: string; danger?: boolean; busy?: boolean; onConfirm: () => void };

/** Asks before something is done; the focus begins on the way out. */
export function Confirm({ verb, danger = false, busy = false, onConfirm, onClose, children, title }: ConfirmProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="dialog-text">{children}</div>
      <div class="dialog-buttons">
        <button type="button" autofocus onClick={onClose}>Cancel</button>
        <button type="button" class={danger ? 'danger' : 'primary'} disabled={busy} onClick={onConfirm}>{busy ? 'Working…' : verb}</button>
      </div>
    </Dialog>
  );
}
