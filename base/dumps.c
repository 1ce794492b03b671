/* base/dumps.c - Forbids core dumps and foreign debuggers to this process. */
#include "base/dumps.h"

#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SANITIZED = true };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { SANITIZED = true };
#else
enum { SANITIZED = false };
#endif
#else
enum { SANITIZED = false };
#endif

bool dumps_forbid(void)
{
    const char *allowed = getenv(DUMPS_ALLOWED);
    if (SANITIZED || (allowed && strcmp(allowed, "1") == 0)) return false;
    /* The limit also applies to child processes; yet a core_pattern that is a pipe ignores it. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    return prctl(PR_SET_DUMPABLE, 0) == 0;
}
