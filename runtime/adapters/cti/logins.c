/* runtime/adapters/cti/logins.c - Logins that wait, the thread that hashes their passwords, and how both hand logins
 * to each other.
 *
 * The event loop has the queue; the thread has one password at a time (`working`). Between them there is room for
 * one login each, `asking` and `answered`, guarded by `lock`, and an eventfd that wakes the loop. Whether a client
 * may still try is checked at its turn, and not when it comes: so failures that happened meanwhile count. */
#include "runtime/adapters/cti/logins.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

struct login {
    uint64_t who;
    char *hash, *password;
    bool good;
    struct login *next;
};

struct logins {
    struct logins_calls calls;
    struct event *turns;         /* wakes the loop: the thread has an answer, or nothing to do */
    int wakes;                   /* the eventfd by which the thread wakes the loop */
    struct login *first, **last; /* logins that wait: only the loop uses them */
    unsigned count;
    bool working; /* the thread has a login at work */
    pthread_t thread;
    pthread_mutex_t lock; /* guards all fields below */
    pthread_cond_t asked;
    struct login *asking, *answered;
    bool ends;
};

static void login_free(struct login *login)
{
    assert(!login || (login->password && login->hash));
    if (login) {
        sodium_memzero(login->password, strlen(login->password));
        free(login->password);
        free(login->hash);
        free(login);
    }
}

/* Runs in the thread: waits for a login, hashes the password without the lock, and leaves the answer. */
static void *logins_work(void *self)
{
    struct logins *logins = self;
    pthread_mutex_lock(&logins->lock);
    while (!logins->ends) {
        struct login *login = logins->asking;
        if (!login) {
            pthread_cond_wait(&logins->asked, &logins->lock);
            continue;
        }
        pthread_mutex_unlock(&logins->lock);
        login->good = crypto_pwhash_str_verify(login->hash, login->password, strlen(login->password)) == 0;
        pthread_mutex_lock(&logins->lock);
        logins->asking = NULL;
        logins->answered = login;
        while (eventfd_write(logins->wakes, 1) != 0 && errno == EINTR) {
        }
    }
    pthread_mutex_unlock(&logins->lock);
    return NULL;
}

static struct login *take_first(struct logins *logins)
{
    struct login *login = logins->first;
    assert(!login == (logins->count == 0));
    if (login) {
        logins->first = login->next;
        logins->last = !logins->first ? &logins->first : logins->last;
        logins->count--;
    }
    return login;
}

/* Gives the thread the next login whose client may still log in. */
static void logins_next(struct logins *logins)
{
    struct login *login = NULL;
    while (!logins->working && (login = take_first(logins))) {
        if (!logins->calls.turn(logins->calls.self, login->who)) {
            login_free(login);
            continue;
        }
        logins->working = true;
        pthread_mutex_lock(&logins->lock);
        logins->asking = login;
        pthread_cond_signal(&logins->asked);
        pthread_mutex_unlock(&logins->lock);
    }
}

static void logins_on_turn(evutil_socket_t wakes, short what, void *self)
{
    struct logins *logins = self;
    eventfd_t ignored;
    (void)what;
    (void)!eventfd_read(wakes, &ignored);
    pthread_mutex_lock(&logins->lock);
    struct login *login = logins->answered;
    assert(!login || logins->working);
    logins->answered = NULL;
    pthread_mutex_unlock(&logins->lock);
    if (login) {
        logins->working = false;
        logins->calls.answer(logins->calls.self, login->who, login->good);
        login_free(login);
    }
    logins_next(logins);
}

struct logins *logins_new(struct event_base *base, const struct logins_calls *calls)
{
    struct logins *logins = memory_zeroed(1, sizeof *logins);
    *logins = (struct logins){.calls = *calls, .last = &logins->first, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_cond_init(&logins->asked, NULL);
    logins->wakes = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    logins->turns =
        logins->wakes < 0 ? NULL : event_new(base, logins->wakes, EV_READ | EV_PERSIST, logins_on_turn, logins);
    bool good = logins->turns && event_add(logins->turns, NULL) == 0;
    if (good && pthread_create(&logins->thread, NULL, logins_work, logins) == 0) return logins;
    if (logins->turns) event_free(logins->turns);
    if (logins->wakes >= 0) close(logins->wakes);
    pthread_cond_destroy(&logins->asked);
    free(logins);
    return NULL;
}

/* Frees all. Waits for a hash that is being computed, which takes a tenth of a second. */
void logins_free(struct logins *logins)
{
    struct login *login;
    if (!logins) return;
    pthread_mutex_lock(&logins->lock);
    logins->ends = true;
    pthread_cond_signal(&logins->asked);
    pthread_mutex_unlock(&logins->lock);
    pthread_join(logins->thread, NULL);
    while ((login = take_first(logins))) login_free(login);
    login_free(logins->asking);
    login_free(logins->answered);
    event_free(logins->turns);
    close(logins->wakes);
    pthread_cond_destroy(&logins->asked);
    pthread_mutex_destroy(&logins->lock);
    free(logins);
}

bool logins_ask(struct logins *logins, uint64_t who, const char *hash, const char *password)
{
    if (logins->count == LOGINS_MAX) return false;
    struct login *login = memory_zeroed(1, sizeof *login);
    *login = (struct login){.who = who, .hash = memory_text(hash), .password = memory_text(password)};
    assert(!*logins->last); /* the login is the last of the list */
    *logins->last = login;
    logins->last = &login->next;
    logins->count++;
    event_active(logins->turns, EV_READ, 0); /* the event runs later, not within this call */
    return true;
}
