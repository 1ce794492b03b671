/* runtime/adapters/desk/recordings.c - Sends recordings of calls. See recordings.h.
 *
 * A WAVE file does not say when it was begun: that is when it was changed last, less its length. */
#include "runtime/adapters/desk/recordings.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/ident.h"

enum { WAVE_HEAD = 44, WAVE_RATE = 28, RECORDINGS_MAX = 20 };

/* Opens a recording of the call; -1: there is none. A link is not followed. */
static int recording_open(const struct desk *desk, const char *conn, unsigned number, struct stat *info)
{
    char name[80], digits[12] = "";
    uint64_t call;
    if (!ident_read_conn(conn, &call)) return -1;
    int folder = open(desk->setting.recordings, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (number > 1) snprintf(digits, sizeof digits, "-%u", number);
    snprintf(name, sizeof name, "%016llx%s.wav", (unsigned long long)call, digits);
    int file = folder >= 0 ? openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
    if (folder >= 0) close(folder);
    if (file >= 0 && (fstat(file, info) != 0 || !S_ISREG(info->st_mode) || info->st_size < WAVE_HEAD)) {
        close(file);
        return -1;
    }
    return file;
}

/* How long the recording lasts in milliseconds, by the bytes of a second that its head names; 0: it names none. */
static int64_t recording_ms(int file, const struct stat *info)
{
    unsigned char head[WAVE_HEAD];
    if (pread(file, head, sizeof head, 0) != (ssize_t)sizeof head || memcmp(head, "RIFF", 4) != 0) return 0;
    const unsigned char *at = head + WAVE_RATE;
    uint32_t rate = (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return rate > 0 ? (int64_t)(info->st_size - WAVE_HEAD) * 1000 / rate : 0;
}

void recordings_list(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    json_t *all = json_array();
    for (unsigned number = 1; *desk->setting.recordings && number <= RECORDINGS_MAX; number++) {
        struct stat info;
        int file = recording_open(desk, desk_text(params, "conn"), number, &info);
        if (file < 0) break;
        int64_t ms = recording_ms(file, &info), end_ms = info.st_mtim.tv_sec * 1000 + info.st_mtim.tv_nsec / 1000000;
        json_array_append_new(all, json_pack("{s:i, s:I, s:I}", "number", (int)number, "begins",
                                             (json_int_t)(end_ms - ms), "ms", (json_int_t)ms));
        close(file);
    }
    api_answer(http, HTTP_OK, json_pack("{s:o}", "recordings", all));
}

void recordings_send(struct desk *desk, struct evhttp_request *http, const json_t *params)
{
    struct stat info;
    unsigned number = (unsigned)json_integer_value(json_object_get(params, "number"));
    int file = *desk->setting.recordings ? recording_open(desk, desk_text(params, "conn"), number, &info) : -1;
    if (file < 0) {
        api_error(http, HTTP_NOTFOUND, "unknown", "There is no such recording.");
        return;
    }
    struct evbuffer *bytes = evhttp_request_get_output_buffer(http);
    /* The buffer closes the file. */
    if (evbuffer_add_file(bytes, file, 0, info.st_size) != 0) close(file);
    api_bytes(http, HTTP_OK, "audio/wav", false, "", 0);
}
