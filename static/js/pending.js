// Messages that something is being done to: until the server has answered, news about them is not news.
const busy = new Map();

/** A row's "uidvalidity.uid,uid" message by message. */
const each = (pick) => pick.split(".")[1].split(",").map((uid) => `${pick.split(".")[0]}.${uid}`);

/** rows (what they are picked by) are on their way; call the answer when they have arrived. */
export function hold(rows) {
  const picks = rows.flatMap(each);
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
