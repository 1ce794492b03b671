# tests/quick/common.sh - What the two commands share: packages and builds. Sourced by bash with $top set.
jobs=${JOBS:-$(nproc 2>/dev/null || echo 2)}

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() { printf 'quickstart: %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "needs root to install packages: run this as root, or install sudo; the command was: $*"
    fi
}

# Installs the packages of these purposes (tests/packages) that are not there yet. Says which.
install_packages() {
    command -v dpkg-query >/dev/null || die "this is not Debian: install what tests/packages lists by your own means, then build with ./autogen.sh, configure, make"
    local purpose wanted=() missing=() package
    for purpose; do
        read -ra packages < <(sed -n "s/^$purpose  *//p" "$top/tests/packages")
        wanted+=("${packages[@]}")
    done
    for package in "${wanted[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} = 0 ] && return 0
    say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq || die "apt-get update failed: is there a network?"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
        die "apt-get could not install: ${missing[*]}"
}

# build DIR [configure's arguments]: configures (once) and makes everything in DIR.
build() {
    local dir=$1; shift
    if [ ! -x configure ] || [ configure.ac -nt configure ]; then
        say "Making configure"
        ./autogen.sh >autogen.log 2>&1 || { cat autogen.log; die "autogen.sh failed"; }
        rm -f autogen.log
    fi
    mkdir -p "$dir"
    if [ ! -f "$dir/Makefile" ]; then
        say "Configuring $dir"
        (cd "$dir" && ../configure "$@" >configure.log 2>&1) || { tail -n 20 "$dir/configure.log"; die "configure failed: see $dir/config.log"; }
    fi
    say "Building in $dir ($jobs jobs)"
    make -C "$dir" -j"$jobs" --no-print-directory >"$dir/make.log" 2>&1 || { tail -n 40 "$dir/make.log"; die "make failed: see $dir/make.log"; }
}
