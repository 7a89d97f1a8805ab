// The images of a cloud, brought up to date by polls that fetch only what changed.

const FIRST_ROWS = 100;

/**
 * The images, newest first.
 *
 * `refresh(onFirstRows)` returns whether anything changed. It calls `onFirstRows` with the newest images before
 * it waits for a long list.
 */
export class LiveImages {
  constructor(api) {
    this.api = api;
    this.cursor = null;
    this.byId = new Map();
    this.list = [];
  }

  async refresh(onFirstRows) {
    const changes = await this.api.get("changes", { since: this.cursor });
    if (!changes.complete) {
      if (!this.list.length) onFirstRows((await this.api.get("images", { limit: FIRST_ROWS })).images);
      // The cursor is older than the list: a change in between comes twice, and none is lost.
      const { images } = await this.api.get("images");
      this.byId = new Map(images.map((image) => [image.id, image]));
      this.list = images;
      this.cursor = changes.cursor;
      return true;
    }
    this.cursor = changes.cursor;
    if (!changes.images.length && !changes.removed.length) return false;
    for (const id of changes.removed) this.byId.delete(id);
    for (const image of changes.images) this.byId.set(image.id, image);
    this.list = [...this.byId.values()].sort(newestFirst);
    return true;
  }
}

function newestFirst(one, other) {
  if (one.created_at !== other.created_at) return one.created_at < other.created_at ? 1 : -1;
  return one.id < other.id ? 1 : -1;
}
