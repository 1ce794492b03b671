/* compiler/cli/pool.c - A pool of processes: each worker takes the next task by a shared counter, and answers
 * through a pipe of its own.
 *
 *     caller --fork--> worker 1 .. N: next task by a shared counter --> play --> answer into its pipe
 *            <-- poll over all pipes; a worker that dies has lost one task, whose number is told; another one begins
 *
 * Processes and not threads: a task may crash or loop for ever, and only this task is then reported as failed. A
 * worker's time limit counts its own processor time, since more real time passes where many tasks need the
 * processors. */
#include "config.h" /* CPU_COUNT */

#include "compiler/cli/pool.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/file.h"

enum { WORKERS_MAX = 64, POLL_MS = 50, NO_TASK = UINT32_MAX };
enum { IDLE_TIMES = 20 }; /* a task that only waits counts as late after this many times its limit, in real time */

/* Memory shared by the caller and all workers. */
struct board {
    atomic_uint next; /* the first task that no worker has taken */
    struct {
        atomic_uint task; /* the number of the worker's task; NO_TASK: none */
        /* the beginning of the task in real time and in the worker's processor time */
        atomic_ullong since_us, since_cpu_us;
    } at[WORKERS_MAX];
};

struct worker {
    pid_t process; /* 0: none */
    int pipe;
    bool late;
    struct pool_bytes heard; /* the bytes of a message that has not come as a whole yet */
};

struct result {
    struct pool_bytes said;
    enum pool_end end;
    bool there;
};

struct pool {
    const struct pool_work *work;
    struct board *board;
    struct worker workers[WORKERS_MAX];
    unsigned count;
    struct result *results;
    uint32_t finished, told;
    uint64_t began_us;
    bool stopped;
};

struct message { /* then `length` bytes */
    uint32_t task;
    uint32_t zero;
    uint64_t length;
};

static uint64_t read_clock_us(clockid_t clock)
{
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t pool_clock_us(void)
{
    return read_clock_us(CLOCK_MONOTONIC);
}

/* Returns the number of processors that this process may use, not those of the machine: in a container or under
 * taskset they are fewer. */
unsigned pool_jobs(uint64_t asked)
{
    if (asked > 0) return asked > WORKERS_MAX ? WORKERS_MAX : (unsigned)asked;
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : count > WORKERS_MAX ? WORKERS_MAX : (unsigned)count;
}

void pool_put(void *said, const void *bytes, size_t length)
{
    struct pool_bytes *out = said;
    assert(bytes || length == 0);
    if (out->length + length > out->room) {
        out->room = (out->length + length) * 2;
        out->bytes = memory_grown(out->bytes, out->room, 1);
    }
    if (length) memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

/* Writes to the pipe, which may be full while the caller is busy with another worker: the write then waits, and the
 * task's time, being processor time, does not count. */
static void pool_write_all(int pipe, const void *bytes, size_t length)
{
    if (!file_put_all(pipe, bytes, length)) _exit(1); /* the reader has gone */
}

/* ---- a worker ---- */

static _Noreturn void pool_work(const struct pool *pool, unsigned number, int pipe)
{
    const struct pool_work *todo = pool->work;
    struct board *board = pool->board;
    for (uint32_t task; (task = atomic_fetch_add(&board->next, 1)) < todo->count;) {
        struct pool_bytes said = {0};
        atomic_store(&board->at[number].since_us, pool_clock_us());
        atomic_store(&board->at[number].since_cpu_us, read_clock_us(CLOCK_PROCESS_CPUTIME_ID));
        atomic_store(&board->at[number].task, task);
        todo->run(todo->self, task, &said);
        struct message message = {task, 0, said.length};
        pool_write_all(pipe, &message, sizeof message);
        pool_write_all(pipe, said.bytes, said.length);
        atomic_store(&board->at[number].task, NO_TASK);
        free(said.bytes);
        if (todo->alone) break;
    }
    if (todo->alone) _exit(0);
    exit(0); /* exits like any process, so that coverage of gcxc itself is written */
}

static void begin_worker(struct pool *pool, unsigned number)
{
    int ends[2];
    struct worker *worker = &pool->workers[number];
    atomic_store(&pool->board->at[number].task, NO_TASK);
    if (pipe(ends) != 0) abort();
    fflush(NULL); /* otherwise buffered text would be written twice */
    pid_t caller = getpid(), process = fork();
    if (process < 0) abort();
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != caller) _exit(1);
        close(ends[0]);
        for (unsigned i = 0; i < pool->count; i++)
            if (pool->workers[i].process != 0) close(pool->workers[i].pipe);
        pool_work(pool, number, ends[1]);
    }
    close(ends[1]);
    *worker =
        (struct worker){.process = process, .pipe = ends[0], .heard = {worker->heard.bytes, 0, worker->heard.room}};
}

/* ---- the caller ---- */

/* Passes the results on in the order of the tasks, in whatever order they arrive: the output of a run is the same
 * for any number of workers. */
static void pool_settle(struct pool *pool, uint32_t task, enum pool_end end, const uint8_t *bytes, size_t length)
{
    struct result *result = &pool->results[task];
    assert(task < pool->work->count && !result->there);
    *result = (struct result){.end = end, .there = true};
    pool_put(&result->said, bytes, length);
    pool->finished++;
    for (; pool->told < pool->work->count && pool->results[pool->told].there; pool->told++) {
        struct result *next = &pool->results[pool->told];
        pool->work->done(pool->work->self, pool->told, next->end, next->said.bytes, next->said.length);
        free(next->said.bytes);
        next->said.bytes = NULL;
    }
}

static void take_messages(struct pool *pool, struct worker *worker)
{
    struct message message;
    size_t at = 0;
    while (worker->heard.length - at >= sizeof message) {
        memcpy(&message, worker->heard.bytes + at, sizeof message);
        if (worker->heard.length - at - sizeof message < message.length) break;
        pool_settle(pool, message.task, POOL_DONE, worker->heard.bytes + at + sizeof message, message.length);
        at += sizeof message + message.length;
    }
    memmove(worker->heard.bytes, worker->heard.bytes + at, worker->heard.length - at);
    worker->heard.length -= at;
}

static bool tasks_left(const struct pool *pool)
{
    return !pool->stopped && atomic_load(&pool->board->next) < pool->work->count;
}

/* Handles the end of a worker's pipe: the worker is finished, has crashed, or was killed for being late. The shared
 * memory tells which task the worker had. */
static void end_worker(struct pool *pool, unsigned number)
{
    struct worker *worker = &pool->workers[number];
    close(worker->pipe);
    while (waitpid(worker->process, NULL, 0) < 0 && errno == EINTR) {
    }
    worker->process = 0;
    uint32_t task = atomic_load(&pool->board->at[number].task);
    if (task != NO_TASK && !pool->results[task].there)
        pool_settle(pool, task, worker->late ? POOL_LATE : POOL_BROKE, NULL, 0);
    if (tasks_left(pool)) begin_worker(pool, number);
}

static void hear_worker(struct pool *pool, unsigned number)
{
    struct worker *worker = &pool->workers[number];
    uint8_t bytes[65536];
    ssize_t length = read(worker->pipe, bytes, sizeof bytes);
    if (length < 0 && errno == EINTR) return;
    if (length <= 0) {
        end_worker(pool, number);
        return;
    }
    pool_put(&worker->heard, bytes, (size_t)length);
    take_messages(pool, worker);
}

/* Has the worker's task taken more than the limit? Its own processor time counts, as more real time passes where
 * many tasks need the processors. */
static bool pool_is_late(const struct pool *pool, unsigned number)
{
    clockid_t clock;
    uint64_t limit_us = pool->work->limit_us, now_us = pool_clock_us();
    if (now_us >= atomic_load(&pool->board->at[number].since_us) + IDLE_TIMES * limit_us) return true;
    return clock_getcpuclockid(pool->workers[number].process, &clock) == 0 &&
           read_clock_us(clock) >= atomic_load(&pool->board->at[number].since_cpu_us) + limit_us;
}

static void end_the_late(struct pool *pool)
{
    for (unsigned i = 0; i < pool->count; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->process == 0 || worker->late || atomic_load(&pool->board->at[i].task) == NO_TASK) continue;
        if (!pool_is_late(pool, i)) continue;
        worker->late = true;
        kill(worker->process, SIGKILL);
    }
}

static void pool_end_late(struct pool *pool)
{
    const struct pool_work *todo = pool->work;
    if (todo->limit_us != 0) end_the_late(pool);
    if (!pool->stopped && todo->goes_on &&
        !todo->goes_on(todo->self, pool->finished, pool_clock_us() - pool->began_us)) {
        pool->stopped = true;
        atomic_store(&pool->board->next, todo->count);
    }
}

static void listen_to_all(struct pool *pool)
{
    for (;;) {
        struct pollfd polled[WORKERS_MAX];
        unsigned numbers[WORKERS_MAX], count = 0;
        for (unsigned i = 0; i < pool->count; i++)
            if (pool->workers[i].process != 0) {
                polled[count] = (struct pollfd){.fd = pool->workers[i].pipe, .events = POLLIN};
                numbers[count++] = i;
            }
        if (count == 0) return;
        int ready = poll(polled, count, POLL_MS);
        for (unsigned i = 0; ready > 0 && i < count; i++)
            if (polled[i].revents) hear_worker(pool, numbers[i]);
        pool_end_late(pool);
    }
}

static void run_here(struct pool *pool)
{
    const struct pool_work *todo = pool->work;
    for (uint32_t task = 0; task < todo->count && !pool->stopped; task++) {
        struct pool_bytes said = {0};
        todo->run(todo->self, task, &said);
        pool_settle(pool, task, POOL_DONE, said.bytes, said.length);
        free(said.bytes);
        if (todo->goes_on && !todo->goes_on(todo->self, pool->finished, pool_clock_us() - pool->began_us))
            pool->stopped = true;
    }
}

static void run_apart(struct pool *pool)
{
    const struct pool_work *todo = pool->work;
    pool->board = mmap(NULL, sizeof *pool->board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (pool->board == MAP_FAILED) abort();
    pool->count = todo->jobs < WORKERS_MAX ? todo->jobs : WORKERS_MAX;
    if (pool->count > todo->count) pool->count = todo->count;
    for (unsigned i = 0; i < pool->count; i++) begin_worker(pool, i);
    listen_to_all(pool);
    for (unsigned i = 0; i < pool->count; i++) free(pool->workers[i].heard.bytes);
    munmap(pool->board, sizeof *pool->board);
}

uint32_t pool_run(const struct pool_work *work)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (!pool || work->count == 0) {
        free(pool);
        return 0;
    }
    pool->work = work;
    pool->began_us = pool_clock_us();
    pool->results = memory_zeroed(work->count, sizeof *pool->results);
    if (work->jobs <= 1 && !work->alone && work->limit_us == 0)
        run_here(pool);
    else
        run_apart(pool);
    for (uint32_t i = pool->told; i < work->count; i++) free(pool->results[i].said.bytes);
    uint32_t finished = pool->finished;
    free(pool->results);
    free(pool);
    return finished;
}
