import { useState } from 'preact/hooks';
import { type Alerts, canNotify } from './alerts.ts';
import { say } from './sentences.ts';

/** Whether and how to be told of the turn. */
export function AlertChoices({ alerts }: { alerts: Alerts }) {
  const [choices, setChoices] = useState(alerts.choices());
  const [refused, setRefused] = useState(false);
  const sound = (): void => {
    alerts.chooseSound(!choices.sound);
    setChoices(alerts.choices());
  };
  const notification = async (): Promise<void> => {
    const wanted = !choices.notification;
    setRefused(!(await alerts.chooseNotification(wanted)) && wanted);
    setChoices(alerts.choices());
  };
  return (
    <fieldset class="alerts">
      <legend>{say.alerts}</legend>
      <p class="row">
        <button class="toggle" type="button" aria-pressed={choices.sound} onClick={sound}>
          {say.sound}
        </button>
        {canNotify && (
          <button
            class="toggle"
            type="button"
            aria-pressed={choices.notification}
            onClick={() => void notification()}
          >
            {say.notification}
          </button>
        )}
      </p>
      {refused && <p role="alert">{say.refused}</p>}
    </fieldset>
  );
}
