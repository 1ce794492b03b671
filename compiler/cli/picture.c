/* compiler/cli/picture.c - Runs Graphviz's dot, a process that reads a graph and writes a picture. */
#include "compiler/cli/picture.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/view/graph.h"

/* The time of dot grows faster than the graph: for more boxes than this it is not started, and its processor time is
 * limited to so many seconds. */
enum { BOXES_MAX = 2000, SECONDS_MAX = 10 };

/* Returns the whole of a stream, malloc'ed, with a NUL at its end. */
static char *picture_read_all(FILE *file, size_t *length)
{
    long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = end >= 0 ? malloc((size_t)end + 1) : NULL;
    if (!text) return NULL;
    rewind(file);
    *length = fread(text, 1, (size_t)end, file);
    text[*length] = '\0';
    return text;
}

/* Runs `dot -Tsvg` from one stream to the other: returns 0, or the errno of the failure; E2BIG: it takes too long.
 * Both streams are files, so that neither side waits for the other. */
static int run_dot(FILE *in, FILE *out)
{
    static const struct rlimit seconds = {SECONDS_MAX, SECONDS_MAX};
    int status = 0;
    pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* dot is killed when its parent ends, however that ends */
        setrlimit(RLIMIT_CPU, &seconds);
        dup2(fileno(in), 0);
        dup2(fileno(out), 1);
        execlp("dot", "dot", "-Tsvg", (char *)NULL);
        _exit(errno == ENOENT ? 127 : 126);
    }
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return errno;
    if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGXCPU)) return E2BIG;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return ENOENT;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EIO;
}

/* Draws what `write` writes of the graph. */
static char *picture_draw(const struct graph *graph, void (*write)(const struct graph *, FILE *), size_t *length,
                          int *why)
{
    bool large = graph->box_count > BOXES_MAX;
    FILE *in = tmpfile(), *out = tmpfile();
    char *text = NULL;
    *why = large ? E2BIG : in && out ? 0 : errno;
    if (*why == 0) {
        write(graph, in);
        *why = fflush(in) == 0 ? 0 : errno;
    }
    if (*why == 0) {
        rewind(in);
        lseek(fileno(in), 0, SEEK_SET);
        *why = run_dot(in, out);
    }
    if (*why == 0) text = picture_read_all(out, length);
    if (in) fclose(in);
    if (out) fclose(out);
    return text;
}

char *picture_svg(const struct graph *graph, size_t *length, int *why)
{
    return picture_draw(graph, graph_dot, length, why);
}

char *picture_frames_svg(const struct graph *graph, size_t *length, int *why)
{
    return picture_draw(graph, graph_dot_frames, length, why);
}
