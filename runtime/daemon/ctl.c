/* runtime/daemon/ctl.c - gcxctl: asks a running gcxvm over its admin socket and shows the answer, to people or to
 * tools. */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/daemon/ctl_show.h"
#include "runtime/daemon/socket.h"

enum { EXIT_good = 0, EXIT_failed = 1, EXIT_usage = 2 };
enum option_letter { OPTION_SOCKET = 256, OPTION_JSON, OPTION_LIVE, OPTION_HELP, OPTION_VERSION };

static const struct option options[] = {
    {"socket", required_argument, NULL, OPTION_SOCKET}, {"json", no_argument, NULL, OPTION_JSON},
    {"live", no_argument, NULL, OPTION_LIVE},           {"help", no_argument, NULL, OPTION_HELP},
    {"version", no_argument, NULL, OPTION_VERSION},     {NULL, 0, NULL, 0},
};

static const struct command {
    const char *name;
    bool of_one; /* takes an interaction's id or a ConnID */
    void (*show)(const json_t *);
} commands[] = {
    {"status", false, show_status}, {"agents", false, show_agents},
    {"queues", false, show_queues}, {"interactions", false, show_interactions},
    {"trace", true, show_trace},    {"data", true, show_data},
    {"load", false, show_load},     {"version", false, show_version},
};

static void help(void)
{
    puts("Usage: gcxctl [--socket PATH] [--json] COMMAND [ID]\n"
         "\n"
         "  status         what runs: counters, links, sources, strategies\n"
         "  agents         who is logged in, in which state, with which skills\n"
         "  queues         virtual queues: who waits, how long, what became of the others\n"
         "  interactions   living ones, and those that ended lately (--live: without)\n"
         "  trace ID       what happened to one, and why which agent was chosen\n"
         "  data ID        its attributes and user data\n"
         "  load           reads strategies and directory again, without touching calls\n"
         "  version        of the running gcxvm\n"
         "\n"
         "ID is an interaction's (1-00000000002a) or a ConnID (16 hexadecimal digits).\n"
         "\n"
         "  --socket PATH  the admin socket; by default $GCX_ADMIN, then " ADMIN_SOCKET "\n"
         "  --json         the answer as it came, for tools\n"
         "  --help, --version\n"
         "\n"
         "Exit codes: 0 good, 1 no gcxvm there or it refused, 2 wrong use.");
}

static int usage(const char *text)
{
    fprintf(stderr, "gcxctl: %s; try gcxctl --help\n", text);
    return EXIT_usage;
}

static json_t *request_make(const struct command *command, const char *id, bool all)
{
    json_t *request = json_pack("{s:i,s:s}", "id", 1, "command", command->name);
    if (request == NULL) abort();
    if (id != NULL) json_object_set_new(request, strchr(id, '-') != NULL ? "ixn" : "conn", json_string(id));
    if (strcmp(command->name, "interactions") == 0) json_object_set_new(request, "all", json_boolean(all));
    return request;
}

/* Sends one line and reads one; NULL with a message said. */
static json_t *ask(const char *path, json_t *request)
{
    struct error error;
    json_error_t why;
    json_t *answer = NULL;
    FILE *stream;
    char *line = NULL;
    size_t size = 0;
    int fd = socket_connect(path, &error);
    if (fd < 0) {
        fprintf(stderr, "gcxctl: no gcxvm answers: %s\n", error.text);
        return NULL;
    }
    stream = fdopen(fd, "r+");
    if (stream == NULL) abort();
    if (json_dumpf(request, stream, JSON_COMPACT) == 0 && fputc('\n', stream) != EOF && fflush(stream) == 0 &&
        getline(&line, &size, stream) > 0)
        answer = json_loads(line, 0, &why);
    if (!json_is_object(answer)) fprintf(stderr, "gcxctl: the answer of %s is none\n", path);
    free(line);
    fclose(stream);
    return answer;
}

/* Control characters in place: a caller's number or data may hold what a terminal would obey. */
static void text_tame(char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text, next = (unsigned char)text[1];
        if (byte < ' ' || byte == 0x7f || (byte == 0xc2 && next >= 0x80 && next < 0xa0)) *text = '?';
        if (byte == 0xc2 && *text == '?') *++text = '?';
    }
}

/* So that people can be shown it: a new reference. */
static json_t *tame(const json_t *value)
{
    json_t *made, *inner;
    const char *key;
    size_t i;
    char *text;
    if (json_is_string(value)) {
        text = strdup(json_string_value(value));
        if (text == NULL) abort();
        text_tame(text);
        made = json_string(text);
        free(text);
    } else if (json_is_array(value)) {
        made = json_array();
        json_array_foreach(value, i, inner) json_array_append_new(made, tame(inner));
    } else if (json_is_object(value)) {
        made = json_object();
        json_object_foreach((json_t *)value, key, inner)
        { /* jansson's iterator is not const */
            text = strdup(key);
            if (text == NULL) abort();
            text_tame(text);
            json_object_set_new(made, text, tame(inner));
            free(text);
        }
    } else {
        made = json_deep_copy(value);
    }
    return made;
}

static void show(const struct command *command, const json_t *answer)
{
    json_t *shown = tame(answer);
    command->show(shown);
    json_decref(shown);
}

static int run(const struct command *command, const char *path, const char *id, bool json, bool all)
{
    json_t *request = request_make(command, id, all), *answer = ask(path, request);
    int result = EXIT_failed;
    json_decref(request);
    if (answer == NULL) return result;
    if (json_is_true(json_object_get(answer, "ok"))) {
        json_object_del(answer, "id");
        if (json) {
            json_dumpf(answer, stdout, JSON_INDENT(2));
            putchar('\n');
        } else {
            show(command, answer);
        }
        result = EXIT_good;
    } else {
        const char *text = json_string_value(json_object_get(answer, "error"));
        fprintf(stderr, "gcxctl: %s\n", text != NULL ? text : "refused without a reason");
    }
    json_decref(answer);
    return fflush(stdout) == 0 ? result : EXIT_failed;
}

int main(int argc, char **argv)
{
    const char *path = getenv("GCX_ADMIN");
    bool json = false, all = true;
    int letter;
    if (path == NULL) path = ADMIN_SOCKET;
    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case OPTION_SOCKET:
            path = optarg;
            break;
        case OPTION_JSON:
            json = true;
            break;
        case OPTION_LIVE:
            all = false;
            break;
        case OPTION_HELP:
            help();
            return EXIT_good;
        case OPTION_VERSION:
            puts("gcxctl " PACKAGE_VERSION);
            return EXIT_good;
        default:
            return usage("unknown option");
        }
    }
    if (optind == argc) return usage("expected a command");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, argv[optind]) != 0) continue;
        if (argc - optind != (commands[i].of_one ? 2 : 1))
            return usage(commands[i].of_one ? "expected one ID" : "nothing is expected after this command");
        return run(&commands[i], path, commands[i].of_one ? argv[optind + 1] : NULL, json, all);
    }
    return usage("no such command");
}
