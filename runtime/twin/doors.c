/* runtime/twin/doors.c - What the doors share: signals, and questions to gcxvm. */
#include "runtime/twin/doors.h"

#include <stdlib.h>

#include "runtime/daemon/protocol/socket.h"
#include "base/memory.h"
#include "base/shown.h"

enum { ANSWER_S = 30, STOPS_MAX = 100 };

volatile sig_atomic_t door_stops;

static void door_on_signal(int number)
{
    (void)number;
    if (door_stops < STOPS_MAX) door_stops = door_stops + 1;
}

void door_signals(void)
{
    struct sigaction action = {.sa_handler = door_on_signal};
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

FILE *door_connect(const char *socket, struct error *error)
{
    int fd = socket_connect_within(socket, ANSWER_S, error);
    return fd >= 0 ? fdopen(fd, "r") : NULL;
}

json_t *door_ask(FILE *stream, json_t *request, struct error *error)
{
    char *line = NULL, *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
    size_t size = 0;
    json_t *answer = NULL;
    json_decref(request);
    if (!text)
        error_set(error, ERROR_INPUT, "a word of the command line is not UTF-8");
    else if (socket_send_line(fileno(stream), text) && getline(&line, &size, stream) > 0)
        answer = json_loads(line, 0, NULL);
    free(text);
    free(line);
    const char *why = json_string_value(json_object_get(answer, "error"));
    if (json_is_true(json_object_get(answer, "ok"))) return answer;
    if (error->code == ERROR_NONE)
        error_set(error, why ? ERROR_DENIED : ERROR_SYSTEM, "%.300s", why ? why : "it has closed the connection");
    json_decref(answer);
    return NULL;
}

static void door_complain(void *self, const char *text)
{
    (void)self;
    shown_print(stderr, "%s\n", text);
}

/* Asks the gcxvm at the socket where its configuration is; malloc'ed. NULL with the reason. */
static char *door_config(const char *path, struct error *error)
{
    FILE *stream = door_connect(path, error);
    json_t *answer = stream ? door_ask(stream, json_pack("{s:s}", "command", "what-if"), error) : NULL;
    const char *said = json_string_value(json_object_get(answer, "config"));
    char *config = said ? memory_text(said) : NULL;
    if (answer && !said) error_set(error, ERROR_DENIED, "it does not say where its configuration is");
    json_decref(answer);
    if (stream) (void)fclose(stream);
    return config;
}

struct conf *door_conf(const char *path, const char *socket)
{
    struct error error = {0};
    char *config = path ? memory_text(path) : door_config(socket, &error);
    if (!config)
        shown_print(stderr, "gcxtwin: gcxvm at %.200s: %s; with --config FILE none is needed\n", socket, error.text);
    struct conf *conf = config ? conf_read(config, NULL, door_complain, NULL) : NULL;
    free(config);
    return conf;
}
