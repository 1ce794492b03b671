/* runtime/records/sink_lines.c - Writes rows as JSON lines: one object per line, whose first key is the table.
 *
 * A commit ends with a line of the table "position" and a sync. A process that opens the file again cuts off
 * everything after the last such line: it was never committed. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/records/sink_kind.h"
#include "base/memory.h"
#include "base/file.h"

enum { LINE_MAX_BYTES = 512 };

struct known_journal { /* a journal with a position in the file */
    struct known_journal *next;
    struct sink_position position;
};

struct lines_sink {
    int fd;
    char *file;
    struct out out;
    struct known_journal *journals;
    struct sink_position at;
};

static bool sink_lines_refuse(const struct lines_sink *sink, struct error *error)
{
    return error_set(error, ERROR_SYSTEM, "%.180s: %s", sink->file, strerror(errno));
}

static const char position_format[] =
    "{\"table\":\"position\",\"journal\":%" SCNd64 ",\"partition\":%u,\"first\":\"%64[0-"
    "9a-f]\",\"batch\":%" SCNu64 ",\"hash\":\"%64[0-9a-f]\",\"schema\":%d}";

static struct known_journal *known_of(struct lines_sink *sink, const char *first)
{
    struct known_journal *known = sink->journals;
    while (known && strcmp(known->position.first, first) != 0) known = known->next;
    return known;
}

static void sink_lines_learn(struct lines_sink *sink, const struct sink_position *position)
{
    assert(position->first[0] != '\0');
    struct known_journal *known = known_of(sink, position->first);
    if (!known) {
        known = memory_zeroed(1, sizeof *known);
        known->next = sink->journals;
        sink->journals = known;
    }
    known->position = *position;
}

/* True: the file begins like one that a sink of lines has written. Only such a file may be cut: another file, given
 * by mistake, keeps its content. */
static bool is_ours(struct lines_sink *sink, struct error *error)
{
    static const char begins[] = "{\"table\":\"";
    char bytes[sizeof begins - 1];
    struct stat status;
    if (fstat(sink->fd, &status) != 0) return sink_lines_refuse(sink, error);
    ssize_t length = S_ISREG(status.st_mode) ? pread(sink->fd, bytes, sizeof bytes, 0) : -1;
    if (length >= 0 && memcmp(bytes, begins, (size_t)length) == 0) return true;
    return error_set(error, ERROR_INPUT, "%.150s is no file of records' lines, and is left as it is: name another one",
                     sink->file);
}

/* Reads the positions in the file, and cuts off all bytes after the last one. */
static bool sink_lines_recover(struct lines_sink *sink, struct error *error)
{
    if (!is_ours(sink, error)) return false;
    FILE *in = fdopen(dup(sink->fd), "r");
    char *line = NULL;
    size_t size = 0;
    off_t good = 0, at = 0;
    ssize_t length;
    bool fine = in != NULL;
    while (fine && (length = getline(&line, &size, in)) > 0) {
        struct sink_position position = {0};
        int schema = 0;
        at += length;
        if (line[length - 1] != '\n') break;
        if (strncmp(line, "{\"table\":\"position\"", 19) != 0) continue;
        if (sscanf(line, position_format, &position.journal, &position.partition, position.first, &position.batch,
                   position.hash, &schema) != 6)
            continue;
        good = at;
        sink_lines_learn(sink, &position);
        if (schema <= VERSION_gcx_records) continue;
        error_set(error, ERROR_VERSION, "%.150s: its lines are of version %d; this gcxrecords writes version %d",
                  sink->file, schema, VERSION_gcx_records);
        fine = false;
    }
    free(line);
    if (in) fclose(in);
    if (!fine) return false;
    if (ftruncate(sink->fd, good) != 0 || lseek(sink->fd, good, SEEK_SET) < 0) return sink_lines_refuse(sink, error);
    return true;
}

/* Finds the journal's position in the file; a journal that is new to the file gets the next number. */
static bool lines_begin(void *self, struct sink_position *position, struct error *error)
{
    struct lines_sink *sink = self;
    const struct known_journal *known = known_of(sink, position->first);
    (void)error;
    if (known) {
        *position = known->position;
    } else {
        position->journal = 1;
        for (known = sink->journals; known; known = known->next)
            if (known->position.journal >= position->journal) position->journal = known->position.journal + 1;
    }
    sink->at = *position;
    return true;
}

static void sink_lines_column_put(struct out *out, const struct record_column *column, const struct record_value *value)
{
    if (value->kind == VALUE_IS_NULL) return; /* no key: null */
    out_format(out, ",\"%s\":", column->name);
    if (value->kind == VALUE_IS_NUMBER) {
        out_format(out, "%" PRId64, value->number);
    } else if (value->kind == VALUE_IS_MOMENT) {
        out_text(out, "\"");
        out_moment(out, value->number, 'T');
        out_text(out, "Z\"");
    } else if (column->type == COLUMN_JSON) {
        out_put(out, (const char *)value->text.bytes, value->text.length);
    } else {
        out_json(out, value->text);
    }
}

void sink_line_put(struct out *out, int64_t journal, const struct record_row *row)
{
    const struct record_table *table = &record_tables[row->table];
    assert(row->table < TABLES_TOLD);
    out_format(out, "{\"table\":\"%s\",\"journal\":%" PRId64 ",\"batch\":%" PRIu64 ",\"n\":%" PRIu32, table->name,
               journal, row->batch, row->n);
    for (unsigned at = 0; at < table->count; at++) sink_lines_column_put(out, &table->columns[at], &row->values[at]);
    out_text(out, "}");
}

static bool sink_lines_lines_put(void *self, const struct record_row *row, struct error *error)
{
    struct lines_sink *sink = self;
    (void)error;
    sink_line_put(&sink->out, sink->at.journal, row);
    out_text(&sink->out, "\n");
    return true;
}

/* Writes the rows that were added, then the line of the position, and syncs the file. */
static bool lines_commit(void *self, const struct sink_position *position, struct error *error)
{
    struct lines_sink *sink = self;
    assert(position->first[0] != '\0');
    out_format(&sink->out,
               "{\"table\":\"position\",\"journal\":%" PRId64 ",\"partition\":%u,\"first\":\"%s\",\"batch\":%" PRIu64
               ",\"hash\":\"%s\",\"schema\":%d}\n",
               position->journal, position->partition, position->first, position->batch, position->hash,
               VERSION_gcx_records);
    if (!file_put_all(sink->fd, sink->out.bytes, sink->out.length) || fdatasync(sink->fd) != 0)
        return sink_lines_refuse(sink, error);
    sink->out.length = 0;
    sink->at = *position;
    sink_lines_learn(sink, position);
    return true;
}

static void sink_lines_lines_close(void *self)
{
    struct lines_sink *sink = self;
    if (sink->fd >= 0) close(sink->fd);
    for (struct known_journal *at = sink->journals, *next; at; at = next) next = at->next, free(at);
    out_free(&sink->out);
    free(sink->file);
    free(sink);
}

struct sink *sink_open_lines(const char *file, struct error *error)
{
    static const struct sink_kind kind = {lines_begin, sink_lines_lines_put, lines_commit, sink_lines_lines_close,
                                          false};
    struct lines_sink *sink = memory_zeroed(1, sizeof *sink);
    sink->file = memory_text(file);
    sink->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (sink->fd < 0)
        sink_lines_refuse(sink, error);
    else if (flock(sink->fd, LOCK_EX | LOCK_NB) != 0)
        error_set(error, ERROR_STATE, "%.180s: another gcxrecords writes it", file);
    else if (sink_lines_recover(sink, error))
        return sink_new(&kind, sink);
    sink_lines_lines_close(sink);
    return NULL;
}
