// Messages that something is being done to: until the server has answered, news about them is not news.
const busy = new Map();

/** picks ("uidvalidity.uid") are on their way; call the answer when they have arrived. */
export function hold(picks) {
  for (const pick of picks) busy.set(pick, (busy.get(pick) ?? 0) + 1);
  return () => {
    for (const pick of picks) {
      const left = busy.get(pick) - 1;
      if (left) busy.set(pick, left);
      else busy.delete(pick);
    }
  };
}

export const held = (pick) => busy.has(pick);
