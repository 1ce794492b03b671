/* runtime/daemon/base/log.h - The log: a line per event, with time, level, room, interaction, ConnID and text; or
 * the same as JSON.
 *
 *   2026-03-02T10:00:00.123Z info tserver ixn=1-00000000002a conn=0010... EventRouteRequest dn=1800
 *
 * Owns the buffers of lines, the thread that writes them, and the levels of rooms; the stream belongs to the caller.
 * Any thread may write a line, and no writer ever waits for a reader: lines go through a bounded buffer to the log's
 * own thread. Lines that find no room in the buffer are counted and reported; so are lines of one kind (a room, and
 * the text's first word) beyond the allowed rate.
 *
 * Invariant: a line is written in one piece, so that processes which share the stream do not mix their lines. On a
 * stream of journald a line begins with its priority, <6>, and journald adds the time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum log_level {
#define LOG_LEVEL(NAME, word) LOG_LEVEL_##NAME,
#include "runtime/daemon/protocol/words.def"
};
enum log_format {
#define LOG_FORMAT(NAME, word) LOG_##NAME,
#include "runtime/daemon/protocol/words.def"
};

enum { LOG_LINE_MAX = 2048, LOG_ROOMS_MAX = 64, LOG_ROOM_SIZE = 64 };

struct log;

struct log_options {
    int fd;
    enum log_level level; /* lines below this level are left out, except in rooms with their own level */
    enum log_format format;
    unsigned rate; /* lines of one kind allowed in a second; 0: any number */
    bool personal; /* lines may show callers' numbers and data */
};

bool log_level_of(const char *name, enum log_level *);
const char *log_level_name(enum log_level);
bool log_format_of(const char *name, enum log_format *);
const char *log_format_name(enum log_format);

struct log *log_new(const struct log_options *);
/* Writes the remaining lines, as long as somebody reads them, and frees the log. */
void log_free(struct log *);

/* Sets a room's level from now on; `room` NULL: the level of all rooms without their own. False: too many rooms have
 * levels. */
bool log_set(const struct log *, const char *room, enum log_level);
/* True: a line of this level and room would be written. `room` NULL: true if any room would write the line. */
bool log_wants(const struct log *, enum log_level, const char *room);
bool log_personal(const struct log *); /* true: lines may show callers' numbers and data */
/* Returns how many lines were lost, since nobody read them in time. */
uint64_t log_dropped(const struct log *);

/* Writes a line. `ixn` and `conn` are left out if they are 0. A character that a terminal would act on is shown as
 * \u{202e} (shown.h), in JSON as \u202e. */
void log_line(const struct log *, enum log_level, const char *room, uint64_t ixn, uint64_t conn, const char *format,
              ...) __attribute__((format(printf, 6, 7)));
