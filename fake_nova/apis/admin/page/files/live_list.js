// The images or the servers of a cloud, brought up to date by polls that fetch only what changed.

const FIRST_ROWS = 100;

/**
 * A list, newest first.
 *
 * options:
 *   noun: the name of the list below /_admin, and of its key in responses: "images" or "servers".
 *   changes: the path of the list of changes.
 *   ties: 1 if items of the same time are in the order of their ids, -1 if in the opposite order.
 *
 * `refresh(onFirstRows)` returns whether anything changed. It calls `onFirstRows` with the newest items before
 * it waits for a long list.
 */
export class LiveList {
  constructor(api, { noun, changes, ties }) {
    this.api = api;
    this.noun = noun;
    this.path = changes;
    this.ties = ties;
    this.cursor = null;
    this.byId = new Map();
    this.list = [];
  }

  async refresh(onFirstRows) {
    const { noun } = this;
    const changes = await this.api.get(this.path, { since: this.cursor });
    if (!changes.complete) {
      if (!this.list.length) onFirstRows((await this.api.get(noun, { limit: FIRST_ROWS }))[noun]);
      // The cursor is older than the list: a change in between comes twice, and none is lost.
      const { [noun]: items } = await this.api.get(noun);
      this.byId = new Map(items.map((item) => [item.id, item]));
      this.list = items;
      this.cursor = changes.cursor;
      return true;
    }
    this.cursor = changes.cursor;
    if (!changes[noun].length && !changes.removed.length) return false;
    for (const id of changes.removed) this.byId.delete(id);
    for (const item of changes[noun]) this.byId.set(item.id, item);
    this.list = [...this.byId.values()].sort((one, other) => this.compare(one, other));
    return true;
  }

  compare(one, other) {
    if (one.created_at !== other.created_at) return one.created_at < other.created_at ? 1 : -1;
    return one.id < other.id ? -this.ties : this.ties;
  }
}
