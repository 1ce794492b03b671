/* tests/unit/daemon_log.c - Lines of the log stay lines, and ids are read as they are written. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/daemon/log.h"

static size_t logged(int fd, char *text, size_t size)
{
    ssize_t n = read(fd, text, size - 1);
    cr_assert_geq(n, 0);
    text[n] = '\0';
    return (size_t)n;
}

Test(daemon_log, a_line_has_time_level_component_and_ids, .timeout = 10)
{
    char text[LOG_LINE_MAX + 1];
    int ends[2];
    struct log log;
    cr_assert_eq(pipe(ends), 0);
    log = (struct log){ends[1], LOG_LEVEL_INFO};
    log_line(&log, LOG_LEVEL_DEBUG, "core", 0, 0, "left out");
    log_line(&log, LOG_LEVEL_INFO, "tserver", (uint64_t)1 << 48 | 42, 0x10000000000001, "EventRinging dn=%d\nforged",
             7001);
    logged(ends[0], text, sizeof text);
    cr_expect_str_eq(text + strlen("2026-03-02T10:00:00.123"),
                     "Z info tserver ixn=1-00000000002a conn=0010000000000001 EventRinging dn=7001?forged\n");
}

Test(daemon_log, long_lines_are_cut, .timeout = 10)
{
    char text[2 * LOG_LINE_MAX], long_text[2 * LOG_LINE_MAX];
    int ends[2];
    struct log log;
    size_t length;
    cr_assert_eq(pipe(ends), 0);
    log = (struct log){ends[1], LOG_LEVEL_INFO};
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    log_line(&log, LOG_LEVEL_ERROR, "core", 0, 0, "%s", long_text);
    length = logged(ends[0], text, sizeof text);
    cr_expect_leq(length, (size_t)LOG_LINE_MAX);
    cr_expect_eq(text[length - 1], '\n');
}

Test(daemon_log, ids_are_read_as_they_are_written, .timeout = 10)
{
    char text[IXN_TEXT];
    uint64_t ixn = (uint64_t)0x1f << 48 | 0xabcdef012345, back = 0;
    ixn_print(ixn, text);
    cr_expect_str_eq(text, "1f-abcdef012345");
    cr_expect(ixn_parse(text, &back));
    cr_expect_eq(back, ixn);
    cr_expect(ixn_parse("1-2a", &back));
    cr_expect_eq(back, (uint64_t)1 << 48 | 42);
    cr_expect_not(ixn_parse("", &back));
    cr_expect_not(ixn_parse("1", &back));
    cr_expect_not(ixn_parse("1-", &back));
    cr_expect_not(ixn_parse("1-2a ", &back));
    cr_expect_not(ixn_parse("11111-2a", &back));
    cr_expect_not(ixn_parse("1-1234567890abc", &back));
}

Test(daemon_log, what_is_written_at_once_is_whole_lines_that_a_pipe_keeps_together, .timeout = 10)
{
    static struct log_lines lines;
    static char text[64 * 1024];
    int ends[2];
    unsigned seen = 0;
    ssize_t n;
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, ends), 0);
    struct log log = {ends[0], LOG_LEVEL_INFO};
    for (unsigned i = 0; i < 300; i++)
        log_add(&log, &lines, LOG_LEVEL_INFO, "core", 0, 0, "%0*u", (int)(i % 90) + 1, i);
    log_flush(&log, &lines);
    while ((n = recv(ends[1], text, sizeof text, 0)) > 0) {
        cr_expect_leq(n, 4096);
        cr_expect_eq(text[n - 1], '\n');
        for (ssize_t i = 0; i < n; i++) seen += text[i] == '\n';
    }
    cr_expect_eq(seen, 300);
    close(ends[0]);
    close(ends[1]);
}
