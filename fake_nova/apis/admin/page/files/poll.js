// Polls: once a second while the tab is visible, one at a time.

const PAUSE = 1000;
const PAUSE_AFTER_ERROR = 3000;

/**
 * Call `refresh` once a second while the tab is visible, each time after the last call has ended.
 *
 * onResult: called after each call, with the error or null.
 * Returns: {now, stop}; `now()` does not wait for the second to end.
 */
export function startPolling(refresh, onResult) {
  let timer = null;
  let running = false;
  let again = false;
  let stopped = false;

  async function poll() {
    timer = null;
    if (stopped || document.hidden) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    let problem = null;
    try {
      await refresh();
    } catch (error) {
      problem = error;
    }
    running = false;
    if (stopped) return;
    onResult(problem);
    const pause = problem ? PAUSE_AFTER_ERROR : PAUSE;
    timer ??= setTimeout(poll, again ? 0 : pause);
    again = false;
  }

  function now() {
    clearTimeout(timer);
    return poll();
  }

  function onVisibility() {
    if (!document.hidden) now();
  }

  document.addEventListener("visibilitychange", onVisibility);
  now();
  return {
    now,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisibility);
    },
  };
}
