/* tests/unit/names.c - A resolver that is slow, forgetful or changes its mind when a test wants it to. */
#include "config.h"
#include "tests/unit/names.h"

#include <dlfcn.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static char said[256];
static bool held;
static unsigned asked;

void names_are(const char *addresses)
{
    pthread_mutex_lock(&mutex);
    snprintf(said, sizeof said, "%s", !addresses ? "" : addresses);
    pthread_mutex_unlock(&mutex);
}

void names_hold(bool hold)
{
    pthread_mutex_lock(&mutex);
    held = hold;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

unsigned names_asked(void)
{
    pthread_mutex_lock(&mutex);
    unsigned count = asked;
    pthread_mutex_unlock(&mutex);
    return count;
}

typedef int ask(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **found)
{
    ask *real = (ask *)dlsym(RTLD_NEXT, "getaddrinfo");
    struct addrinfo numeric = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    char list[sizeof said], *rest = list, *one;
    if (hints && (hints->ai_flags & AI_NUMERICHOST) != 0) return real(host, port, hints, found);
    pthread_mutex_lock(&mutex);
    asked++;
    while (held) pthread_cond_wait(&changed, &mutex);
    memcpy(list, said, sizeof list);
    pthread_mutex_unlock(&mutex);
    int error = EAI_NONAME;
    while ((one = strtok_r(rest, ",", &rest)) && (error = real(one, port, &numeric, found)) == 0)
        found = &(*found)->ai_next;
    return error;
}
