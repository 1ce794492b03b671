/* compiler/recovery/mend.c - Makes the edits of diagnostics in the text of their file. */
#include "compiler/recovery/mend.h"

#include <assert.h>
#include <string.h>

#include "compiler/syntax/program.h"

struct mend {
    struct arena *arena;
    const struct source *source;
    const struct diag_edit **edits; /* the edits to make, in the order of the text; none overlaps or touches another */
    size_t count, room, diags;
};

/* Returns how many of the edits begin before the place. */
static size_t mend_before(const struct mend *mend, uint32_t begin)
{
    size_t low = 0, high = mend->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mend->edits[middle]->span.begin < begin)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Does the edit overlap or touch another edit? Only its neighbours can do so. */
static bool mend_meets(const struct mend *mend, const struct diag_edit *edit)
{
    size_t at = mend_before(mend, edit->span.begin);
    return (at > 0 && mend->edits[at - 1]->span.end >= edit->span.begin) ||
           (at < mend->count && mend->edits[at]->span.begin <= edit->span.end);
}

/* Takes all edits of a diagnostic, or none where one of them is in another file or overlaps an edit taken before. */
static void mend_take(struct mend *mend, const struct diag *diag)
{
    assert(diag->first_edit);
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        uint32_t base = mend->source->base;
        if (edit->span.begin < base || edit->span.end > base + mend->source->length || mend_meets(mend, edit)) return;
    }
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        if (mend->count == mend->room) {
            size_t room = mend->room * 2 + 16;
            mend->edits =
                arena_grow(mend->arena, mend->edits, mend->room * sizeof *mend->edits, room * sizeof *mend->edits);
            mend->room = room;
        }
        size_t at = mend_before(mend, edit->span.begin + 1);
        memmove(&mend->edits[at + 1], &mend->edits[at], (mend->count++ - at) * sizeof *mend->edits);
        mend->edits[at] = edit;
    }
    mend->diags++;
}

/* Returns the text of the source with the edits made, in the arena. */
static char *mend_text_of(const struct mend *mend, size_t *mended)
{
    size_t length = mend->source->length;
    for (size_t i = 0; i < mend->count; i++) length += strlen(mend->edits[i]->text);
    char *text = arena_alloc(mend->arena, length + 1), *to = text;
    uint32_t at = mend->source->base;
    for (size_t i = 0; i <= mend->count; i++) {
        uint32_t stop = i < mend->count ? mend->edits[i]->span.begin : mend->source->base + mend->source->length;
        assert(at <= stop);
        memcpy(to, mend->source->text + (at - mend->source->base), stop - at);
        to += stop - at;
        if (i == mend->count) break;
        size_t size = strlen(mend->edits[i]->text);
        memcpy(to, mend->edits[i]->text, size);
        to += size;
        at = mend->edits[i]->span.end;
    }
    *mended = (size_t)(to - text);
    return text;
}

static bool write_mended(const struct mend *mend, source_write *write)
{
    struct source_change change = {mend->source->path, mend->source->text, mend->source->length, NULL, 0};
    change.text = mend_text_of(mend, &change.length);
    return write(&change);
}

const struct source *mend_source(const struct program *program, const struct diag *diag)
{
    const struct source *source =
        diag->first_edit ? source_set_at(program->sources, diag->first_edit->span.begin) : NULL;
    EACH_NODE (file, program->files)
        if (source && file->file.imported && source_set_at(program->sources, file->span.begin) == source) return NULL;
    return source && !source->built_in ? source : NULL;
}

char *mend_alone(struct program *program, const struct diag *diag, size_t *length)
{
    struct mend mend = {.arena = program->arena, .source = mend_source(program, diag)};
    if (mend.source) mend_take(&mend, diag);
    return mend.count > 0 ? mend_text_of(&mend, length) : NULL;
}

/* Takes the edits of one file, as many diagnostics as do not meet each other. */
static struct mend mend_file(struct program *program, const struct source *source)
{
    struct mend mend = {.arena = program->arena, .source = source};
    size_t count;
    struct diag **sorted = diags_sorted(program->diags, &count);
    for (size_t i = 0; i < count; i++)
        if (sorted[i]->first_edit) mend_take(&mend, sorted[i]);
    return mend;
}

const struct diag_edit **mend_edits(struct program *program, const struct source *source, size_t *count)
{
    struct mend mend = mend_file(program, source);
    *count = mend.count;
    return mend.edits;
}

size_t mend_files(struct program *program, source_write *write)
{
    size_t mended = 0;
    EACH_NODE (file, program->files) {
        const struct source *source = source_set_at(program->sources, file->span.begin);
        if (!source || file->file.imported) continue;
        struct mend mend = mend_file(program, source);
        if (mend.count > 0 && !write_mended(&mend, write)) return SIZE_MAX;
        mended += mend.diags;
    }
    return mended;
}
