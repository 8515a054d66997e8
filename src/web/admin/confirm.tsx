import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { inLanguage } from '../base/language.ts';

const say = inLanguage({ ko: { cancel: '취소' }, en: { cancel: 'Cancel' } });

/** A question over the page; Escape is no. */
export function Confirm(props: {
  title: string;
  action: string;
  disabled?: boolean;
  children: ComponentChildren;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="card" ref={dialog} aria-labelledby={titleId} onCancel={props.onCancel}>
      <div class="stack">
        <h2 id={titleId}>{props.title}</h2>
        {props.children}
        <div class="buttons">
          <button class="button plain" type="button" onClick={props.onCancel}>
            {say.cancel}
          </button>
          <button
            class="button bad"
            type="button"
            disabled={props.disabled}
            onClick={props.onConfirm}
          >
            {props.action}
          </button>
        </div>
      </div>
    </dialog>
  );
}
