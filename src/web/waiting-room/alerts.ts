import { createStored } from '../base/stored.ts';

export interface AlertChoices {
  sound: boolean;
  notification: boolean;
}

/** How a person who does not look is told of the turn; nothing of it without having been asked for. */
export interface Alerts {
  choices(): AlertChoices;
  /** Turned on, it sounds once, so that one knows it. */
  chooseSound(on: boolean): void;
  /** Asks the browser; resolves with what came of it. */
  chooseNotification(on: boolean): Promise<boolean>;
  ring(text: { title: string; body: string }): void;
}

/** C, E, G: Hz. */
const CHIME = [523.25, 659.25, 783.99];
const NOTE_SECONDS = 0.22;
const LOUDNESS = 0.25;

export const canNotify = 'Notification' in globalThis;

export function createAlerts(): Alerts {
  const stored = createStored<AlertChoices>('foyer.alerts');
  const choices = (): AlertChoices => stored.read() ?? { sound: false, notification: false };
  let audio: AudioContext | undefined;

  /** Browsers let a page sound only after a touch: the context is made and woken by one. */
  function wake(): AudioContext {
    audio ??= new AudioContext();
    void audio.resume();
    return audio;
  }

  function chime(): void {
    const context = wake();
    CHIME.forEach((hertz, nth) => {
      const tone = context.createOscillator();
      const volume = context.createGain();
      const at = context.currentTime + nth * NOTE_SECONDS;
      tone.frequency.value = hertz;
      volume.gain.setValueAtTime(LOUDNESS, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 2 * NOTE_SECONDS);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + 2 * NOTE_SECONDS);
    });
  }

  if (choices().sound) addEventListener('pointerdown', () => wake(), { once: true });

  return {
    choices,
    chooseSound(on) {
      stored.write({ ...choices(), sound: on });
      if (on) chime();
    },
    async chooseNotification(on) {
      const granted = on && (await Notification.requestPermission()) === 'granted';
      stored.write({ ...choices(), notification: granted });
      return granted;
    },
    ring({ title, body }) {
      const { sound, notification } = choices();
      if (sound) chime();
      if (sound && 'vibrate' in navigator) navigator.vibrate([200, 100, 200]);
      if (notification && canNotify && Notification.permission === 'granted') notify(title, body);
    },
  };
}

/** Some phones only notify from a service worker; the title and the sound are left there. */
function notify(title: string, body: string): void {
  try {
    const shown = new Notification(title, { body, tag: 'foyer-turn' });
    shown.onclick = () => {
      window.focus();
      shown.close();
    };
  } catch (error) {
    console.info('no notification here', error);
  }
}
