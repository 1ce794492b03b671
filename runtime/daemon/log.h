/* runtime/daemon/log.h - The log: one line an event, time, level, component, interaction, ConnID, text.
 *
 *   2026-03-02T10:00:00.123Z info tserver ixn=1-00000000002a conn=0010... EventRouteRequest dn=1800
 *
 * Any thread may write. A line is never parted by a write, so that processes that share the stream do not mix theirs.
 * Lines added to a struct log_lines leave together at log_flush(); it is the caller's, for one thread. */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_DEBUG, LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

enum { LOG_LINE_MAX = 2048 };

struct log {
    int fd;
    enum log_level level; /* what is below is left out */
};

/* Lines on their way out together. Zero before its first use. */
struct log_lines {
    size_t length;
    char bytes[64 * 1024];
};

bool log_level_of(const char *name, enum log_level *);
const char *log_level_name(enum log_level);

static inline bool log_wants(const struct log *log, enum log_level level)
{
    return level >= log->level;
}

/* `ixn` and `conn` are left out where 0. Control characters of the text are shown as `?`. */
void log_line(const struct log *, enum log_level, const char *component, uint64_t ixn, uint64_t conn,
              const char *format, ...) __attribute__((format(printf, 6, 7)));
void log_add(const struct log *, struct log_lines *, enum log_level, const char *component, uint64_t ixn, uint64_t conn,
             const char *format, ...) __attribute__((format(printf, 7, 8)));
void log_flush(const struct log *, struct log_lines *);

/* "1-00000000002a", as everywhere that people see one. */
enum { IXN_TEXT = 24 };
void ixn_print(uint64_t ixn, char text[IXN_TEXT]);
bool ixn_parse(const char *text, uint64_t *ixn);

#endif
