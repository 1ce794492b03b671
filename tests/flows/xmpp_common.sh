# tests/flows/xmpp_common.sh - An XMPP server for the flows of gcx-im(8), Prosody or, with GCX_XMPP=ejabberd, ejabberd,
# and a Python that knows slixmpp; sourced. im_people.py starts it, kills it, and has the people at their clients.
xmpp=${GCX_XMPP-prosody}
for program in python3 sqlite3; do command -v $program >/dev/null || { echo "$program is not installed"; exit 77; }; done
case $xmpp in
prosody) command -v prosody >/dev/null || { echo "prosody is not installed"; exit 77; } ;;
*) [ -f /usr/sbin/ejabberdctl ] || { echo "ejabberd is not installed"; exit 77; } ;;
esac
python=''
for one in python3 /usr/bin/python3; do [ -n "$python" ] || ! "$one" -c 'import slixmpp' 2>/dev/null || python=$one; done
[ -n "$python" ] || { echo 'slixmpp for Python (Debian: python3-slixmpp) is not installed'; exit 77; }

# xmpp_server NAME...: its configuration in $dir, with an account per name (NAME@localhost, `word of NAME`) and the component
# kw.localhost; its ports are $c2s and $component.
xmpp_server() {
    # shellcheck disable=SC2046
    read -r c2s component <<PORTS
$(python3 -c 'import socket
both = [socket.create_server(("127.0.0.1", 0)) for _ in "12"]
print(*[one.getsockname()[1] for one in both])')
PORTS
    (umask 077; echo 'the secret' >"$dir/secret")
    echo "$xmpp $c2s $*" >"$dir/xmpp"
    if [ "$xmpp" = prosody ]; then xmpp_prosody "$@"; else xmpp_ejabberd; fi
}

xmpp_prosody() {
    mkdir -p "$dir/prosody/localhost/accounts"
    for name; do echo "return { [\"password\"] = \"word of $name\" };" >"$dir/prosody/localhost/accounts/$name.dat"; done
    cat >"$dir/prosody.lua" <<CONF
run_as_root = true
daemonize = false
pidfile = "$dir/prosody.pid"
data_path = "$dir/prosody"
modules_enabled = {"roster", "saslauth", "presence", "disco", "ping"}
modules_disabled = {"s2s", "tls", "offline"}
interfaces = {"127.0.0.1"}
c2s_ports = {$c2s}
c2s_require_encryption = false
component_interfaces = {"127.0.0.1"}
component_ports = {$component}
authentication = "internal_plain"
log = {{levels = {min = "info"}, to = "file", filename = "$dir/prosody.log"}}
VirtualHost "localhost"
Component "kw.localhost"
    component_secret = "the secret"
CONF
}

xmpp_ejabberd() {
    mkdir -p "$dir/ejabberd"
    cat >"$dir/ejabberd.yml" <<CONF
hosts: [localhost]
loglevel: info
listen:
  - {port: $c2s, ip: 127.0.0.1, module: ejabberd_c2s, starttls: false}
  - {port: $component, ip: 127.0.0.1, module: ejabberd_service, hosts: {"kw.localhost": {password: "the secret"}}}
auth_method: internal
auth_password_format: plain
acl: {local: {user_regexp: ""}}
modules: {mod_roster: {}, mod_disco: {}, mod_ping: {}}
CONF
}
