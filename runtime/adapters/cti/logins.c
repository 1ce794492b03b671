/* runtime/adapters/cti/logins.c - The thread that hashes, its queue, and the way back. */
#include "runtime/adapters/cti/logins.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "runtime/vocabulary/memory.h"

struct login {
    uint64_t who;
    char *hash, *password;
    bool good;
    struct login *next;
};

struct queue {
    struct login *first, **last;
};

struct logins {
    void (*answer)(void *self, uint64_t who, bool good);
    void *self;
    struct event *answered;
    int wakes; /* eventfd: there are answers */
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t asked;
    struct queue waiting, done;
    unsigned count;
    bool ends;
};

static void put(struct queue *queue, struct login *login)
{
    login->next = NULL;
    *queue->last = login;
    queue->last = &login->next;
}

static struct login *take(struct queue *queue)
{
    struct login *login = queue->first;
    if (login != NULL) {
        queue->first = login->next;
        queue->last = queue->first == NULL ? &queue->first : queue->last;
    }
    return login;
}

static void login_free(struct login *login)
{
    sodium_memzero(login->password, strlen(login->password));
    free(login->password);
    free(login->hash);
    free(login);
}

static void *work(void *self)
{
    struct logins *logins = self;
    struct login *login;
    pthread_mutex_lock(&logins->lock);
    while (!logins->ends) {
        if ((login = take(&logins->waiting)) == NULL) {
            pthread_cond_wait(&logins->asked, &logins->lock);
            continue;
        }
        pthread_mutex_unlock(&logins->lock);
        login->good = crypto_pwhash_str_verify(login->hash, login->password, strlen(login->password)) == 0;
        pthread_mutex_lock(&logins->lock);
        put(&logins->done, login);
        while (eventfd_write(logins->wakes, 1) != 0 && errno == EINTR) {
        }
    }
    pthread_mutex_unlock(&logins->lock);
    return NULL;
}

static void on_answered(evutil_socket_t wakes, short what, void *self)
{
    struct logins *logins = self;
    struct login *login;
    eventfd_t ignored;
    (void)what;
    (void)!eventfd_read(wakes, &ignored);
    do {
        pthread_mutex_lock(&logins->lock);
        login = take(&logins->done);
        logins->count -= login != NULL;
        pthread_mutex_unlock(&logins->lock);
        if (login != NULL) {
            logins->answer(logins->self, login->who, login->good);
            login_free(login);
        }
    } while (login != NULL);
}

struct logins *logins_new(struct event_base *base, void (*answer)(void *, uint64_t, bool), void *self)
{
    struct logins *logins = memory_zeroed(1, sizeof *logins);
    *logins = (struct logins){.answer = answer, .self = self, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_cond_init(&logins->asked, NULL);
    logins->waiting.last = &logins->waiting.first;
    logins->done.last = &logins->done.first;
    logins->wakes = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    logins->answered =
        logins->wakes < 0 ? NULL : event_new(base, logins->wakes, EV_READ | EV_PERSIST, on_answered, logins);
    bool good = logins->answered != NULL && event_add(logins->answered, NULL) == 0;
    if (good && pthread_create(&logins->thread, NULL, work, logins) == 0) {
        return logins;
    }
    if (logins->answered != NULL) {
        event_free(logins->answered);
    }
    if (logins->wakes >= 0) {
        close(logins->wakes);
    }
    pthread_cond_destroy(&logins->asked);
    free(logins);
    return NULL;
}

void logins_free(struct logins *logins)
{
    struct login *login;
    if (logins == NULL) {
        return;
    }
    pthread_mutex_lock(&logins->lock);
    logins->ends = true;
    pthread_cond_signal(&logins->asked);
    pthread_mutex_unlock(&logins->lock);
    pthread_join(logins->thread, NULL);
    while ((login = take(&logins->waiting)) != NULL || (login = take(&logins->done)) != NULL) {
        login_free(login);
    }
    event_free(logins->answered);
    close(logins->wakes);
    pthread_cond_destroy(&logins->asked);
    pthread_mutex_destroy(&logins->lock);
    free(logins);
}

bool logins_ask(struct logins *logins, uint64_t who, const char *hash, const char *password)
{
    pthread_mutex_lock(&logins->lock);
    bool room = logins->count < LOGINS_MAX;
    if (room) {
        struct login *login = memory_zeroed(1, sizeof *login);
        *login = (struct login){.who = who, .hash = memory_text(hash), .password = memory_text(password)};
        put(&logins->waiting, login);
        logins->count++;
        pthread_cond_signal(&logins->asked);
    }
    pthread_mutex_unlock(&logins->lock);
    return room;
}
