/* compiler/cures.c - Tries the edits of errors, and keeps those that mend.
 *
 * The changed texts are an overlay: the compiler reads them in place of the files. The errors are tried one after
 * another from the first one on, each with the edits that were kept before it. */
#include "compiler/cures.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/shown.h"
#include "compiler/base/diag.h"
#include "compiler/compilation.h"
#include "compiler/recovery/mend.h"
#include "compiler/syntax/program.h"

enum { CURES_TRIED = 200 }; /* the most edits that are tried in one site, since each needs a check of the whole site */

struct cured { /* a file and its changed text */
    char *path, *text;
    size_t length;
    char *stored; /* the file's text when it was read */
    size_t stored_length;
};

struct cures {
    struct cured *files;
    size_t file_count;
    uint64_t *refused; /* the marks of errors that were tried in vain (cure_mark) */
    size_t refused_count, mended;
    const char *const *paths;
    size_t path_count;
    struct compile_options how;
    struct source_overlay overlay;
    source_write *write;
};

static struct cured *cured_file(const struct cures *cures, const char *path)
{
    for (size_t i = 0; i < cures->file_count; i++)
        if (strcmp(cures->files[i].path, path) == 0) return &cures->files[i];
    return NULL;
}

static const char *cured_read(void *self, const char *path, size_t *length)
{
    const struct cured *file = cured_file(self, path);
    if (!file) return NULL;
    *length = file->length;
    return file->text;
}

static char *cured_copy(const char *text, size_t length)
{
    char *copy = memory_grown(NULL, length + 1, 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

/* Sets the text of a file. Returns its entry from before; `text` is NULL in it where the file had its stored text. */
static struct cured cured_set(struct cures *cures, const struct source *source, const char *text, size_t length)
{
    struct cured *file = cured_file(cures, source->path);
    if (!file) {
        cures->files = memory_grown(cures->files, cures->file_count + 1, sizeof *cures->files);
        file = &cures->files[cures->file_count++];
        *file = (struct cured){.path = cured_copy(source->path, strlen(source->path)),
                               .stored = cured_copy(source->text, source->length),
                               .stored_length = source->length};
    }
    struct cured before = *file;
    file->text = cured_copy(text, length);
    file->length = length;
    return before;
}

/* Restores the entry that cured_set() has returned. */
static void cured_reset(struct cures *cures, struct cured before)
{
    struct cured *file = cured_file(cures, before.path);
    assert(file);
    free(file->text);
    *file = before;
    if (file->text) return;
    free(file->path);
    free(file->stored);
    *file = cures->files[--cures->file_count];
}

static struct compilation *cures_compile(const struct cures *cures)
{
    return compiler_compile(cures->paths, cures->path_count, &cures->how);
}

/* Returns a number that stands for an error and its place, so that each error is tried once. */
static uint64_t cure_mark(const struct program *program, const struct diag *diag)
{
    struct position at = source_set_position(program->sources, diag->span.begin);
    uint64_t mark = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    const char *const texts[] = {at.source ? at.source->path : "", diag_code_text(diag->code), diag->text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (const char *p = texts[i]; *p; p++) mark = (mark ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    return mark ^ ((uint64_t)at.line << 32 | at.column);
}

static bool cure_refused(const struct cures *cures, uint64_t mark)
{
    for (size_t i = 0; i < cures->refused_count; i++)
        if (cures->refused[i] == mark) return true;
    return false;
}

/* Returns the first error that has an edit which was not tried yet, or NULL. */
static struct diag *cures_next(const struct cures *cures, struct program *program)
{
    size_t count;
    struct diag **sorted = diags_sorted(program->diags, &count);
    for (size_t i = 0; i < count; i++)
        if (sorted[i]->severity == ERROR && mend_source(program, sorted[i]) &&
            !cure_refused(cures, cure_mark(program, sorted[i])))
            return sorted[i];
    return NULL;
}

struct cured_lines { /* the lines that an error and its edits touch */
    const char *path;
    uint32_t from, to;
};

static struct cured_lines cured_lines(const struct program *program, const struct diag *diag)
{
    struct position at = source_set_position(program->sources, diag->first_edit->span.begin);
    struct cured_lines lines = {at.source->path, at.line, at.line};
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        uint32_t line = source_set_position(program->sources, edit->span.end).line;
        if (line > lines.to) lines.to = line;
    }
    struct position place = source_set_position(program->sources, diag->span.begin);
    if (place.source != at.source) return lines;
    if (place.line < lines.from) lines.from = place.line;
    if (place.line > lines.to) lines.to = place.line;
    return lines;
}

/* Returns the number of errors, and in *within the number of errors in these lines. */
static size_t cured_errors(struct program *program, const struct cured_lines *lines, size_t *within)
{
    size_t count, errors = 0;
    struct diag **sorted = diags_sorted(program->diags, &count);
    *within = 0;
    for (size_t i = 0; i < count; i++) {
        if (sorted[i]->severity != ERROR) continue;
        struct position at = source_set_position(program->sources, sorted[i]->span.begin);
        errors++;
        *within += at.source && at.line >= lines->from && at.line <= lines->to && !strcmp(at.source->path, lines->path);
    }
    return errors;
}

/* Prints an edit: the place, the old text and the new text. */
static void cure_print(const struct program *program, const struct diag *diag)
{
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        struct position at = source_set_position(program->sources, edit->span.begin);
        const char *old = at.source->text + (edit->span.begin - at.source->base);
        int length = (int)(edit->span.end - edit->span.begin);
        shown_print(stderr, "%s:%u:%u: mended: ", at.source->path, at.line, at.column);
        if (!*edit->text)
            shown_print(stderr, "without '%.*s'", length, old);
        else if (length > 0)
            shown_print(stderr, "'%.*s' is '%s' now", length, old, edit->text);
        else
            shown_print(stderr, "with '%s'", edit->text);
        shown_print(stderr, " [%s]\n", diag_code_text(diag->code));
    }
}

/* Tries one error's edit. Returns the compilation with which the work continues: the one with the edit if the edit is
 * kept, else `before`. */
static struct compilation *cures_try(struct cures *cures, struct compilation *before, const struct diag *diag)
{
    struct program *program = compilation_program(before);
    size_t length = 0, within, within_after, errors, errors_after;
    const char *text = mend_alone(program, diag, &length);
    struct cured_lines lines = cured_lines(program, diag);
    uint64_t mark = cure_mark(program, diag);
    errors = cured_errors(program, &lines, &within);
    struct compilation *after = NULL;
    struct cured old = {0};
    if (text) {
        old = cured_set(cures, mend_source(program, diag), text, length);
        after = cures_compile(cures);
        errors_after = cured_errors(compilation_program(after), &lines, &within_after);
        /* a program that parses for the first time may show errors that were hidden before */
        bool parses = compilation_parsed(after) && !compilation_parsed(before);
        if (parses ? within_after <= within
                   : within_after < within && (errors_after < errors || !compilation_parsed(before))) {
            cure_print(program, diag);
            free(old.text);
            compilation_free(before);
            cures->mended++;
            return after;
        }
        cured_reset(cures, old);
        compilation_free(after);
    }
    cures->refused = memory_grown(cures->refused, cures->refused_count + 1, sizeof *cures->refused);
    cures->refused[cures->refused_count++] = mark;
    return before;
}

static bool cures_write(const struct cures *cures)
{
    bool good = true;
    for (size_t i = 0; i < cures->file_count; i++) {
        const struct cured *file = &cures->files[i];
        good = cures->write(
                   &(struct source_change){file->path, file->stored, file->stored_length, file->text, file->length}) &&
               good;
    }
    return good;
}

bool cures_make(const char *const *files, size_t count, const struct compile_options *how, source_write *write)
{
    struct cures cures = {.paths = files, .path_count = count, .how = *how, .write = write};
    assert(!how->overlay);
    cures.overlay = (struct source_overlay){&cures, cured_read};
    cures.how.overlay = &cures.overlay;
    struct compilation *compilation = cures_compile(&cures);
    for (size_t tried = 0; tried < CURES_TRIED; tried++) {
        const struct diag *diag = cures_next(&cures, compilation_program(compilation));
        if (!diag) break;
        compilation = cures_try(&cures, compilation, diag);
    }
    compilation_free(compilation);
    bool good = cures_write(&cures);
    if (good && cures.mended > 0) shown_print(stderr, "%zu mended\n", cures.mended);
    for (size_t i = 0; i < cures.file_count; i++) {
        free(cures.files[i].path);
        free(cures.files[i].stored);
        free(cures.files[i].text);
    }
    free(cures.files);
    free(cures.refused);
    return good;
}
