#!/usr/bin/env python3
"""Writes the vectors. A second implementation of the format, on purpose without any of ours:
the checksum comes from zlib, the digest from hmac. Run by hand when the format gains a case."""
import hashlib, hmac, json, pathlib, random, zlib

BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
BASE32 = '0123456789abcdefghjkmnpqrstvwxyz'
HERE = pathlib.Path(__file__).parent
rng = random.Random(20261122)


def encode(number, alphabet, length):
    text = ''
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text


def checksum(text):
    return encode(zlib.crc32(text.encode('ascii')), BASE62, 6)


def suffix(time, version=7, variant=2):
    bits = time << 80 | version << 76 | rng.getrandbits(12) << 64 | variant << 62 | rng.getrandbits(62)
    return encode(bits, BASE32, 26)


def secret():
    return ''.join(rng.choice(BASE62) for _ in range(32))


def pieces(prefix='ex', mode='live', time=1795377600000, suffix_=None, secret_=None):
    id_ = suffix_ or suffix(time)
    secret_ = secret_ or secret()
    return {
        'prefix': prefix, 'mode': mode, 'keyIdSuffix': id_, 'secret': secret_,
        'checksum': checksum(f'{prefix}_{mode}_{id_}{secret_}'),
        'keyId': f'key_{id_}', 'issuedAt': time,
    }


def token(p):
    return f"{p['prefix']}_{p['mode']}_{p['keyIdSuffix']}{p['secret']}{p['checksum']}"


def resum(text):
    """The text with a right checksum, whatever else is wrong with it."""
    return text[:-6] + checksum(text[:-6])


def write(name, description, vectors):
    # Unpaired surrogates have no place here: many JSON readers refuse them.
    text = json.dumps({'description': description, 'vectors': vectors}, indent=2, ensure_ascii=True)
    (HERE / f'{name}.json').write_text(text + '\n')


def zero_checksum():
    """Secrets whose checksum starts with 0, to show the padding."""
    while True:
        p = pieces()
        if p['checksum'].startswith('0'):
            return p


def named(name, **fields):
    return {'name': name, **fields}


write('checksum', 'CRC-32/IEEE of ASCII text, and the same as 6 base62 characters.', [
    named(n, text=t, crc32=f'{zlib.crc32(t.encode()):08x}', checksum=checksum(t)) for n, t in [
        ('nothing', ''), ('the check value of the CRC catalogue', '123456789'), ('one character', 'a'),
        ('a header', 'll_live_'), ('all base62 characters', BASE62), ('every base32 character', BASE32),
    ]
])

TYPEID = '01h455vb4pex5vsknk084sn02q'  # of the TypeID specification: 01890a5d-ac96-774b-bcce-b302099a8057
valid = [
    named('live key', **pieces('ll', 'live')),
    named('test key', **pieces('ll', 'test')),
    named('root key', **pieces('ll', 'root')),
    named('the id of the TypeID specification', **pieces('ll', 'live', 0x01890a5dac96, TYPEID)),
    named('checksum padded with 0', **zero_checksum()),
    named('issued at the start of time', **pieces(time=0)),
    named('issued at the end of time', **pieces(time=2**48 - 1)),
    named('secret of the first character only', **pieces(secret_='0' * 32)),
    named('secret of the last character only', **pieces(secret_='z' * 32)),
    named('one-letter prefix', **pieces('x', 'live')),
    named('longest prefix', **pieces('abcdefghijklmno1', 'test')),
    named('prefix with an underscore', **pieces('acme_mail', 'root')),
    named('prefix that looks like a mode', **pieces('live', 'test')),
]
write('parse-valid', 'Keys in pieces: text = prefix _ mode _ keyIdSuffix secret checksum.', valid)

good = pieces()
t = token(good)
head = 'ex_live_'
invalid = [
    ('nothing', '', 'empty'),
    ('the word undefined', 'undefined', 'placeholder'),
    ('the word null', 'null', 'placeholder'),
    ('a promise in a template string', '[object Promise]', 'placeholder'),
    ('a variable that was not expanded', '$EX_API_KEY', 'placeholder'),
    ('a template that was not filled', '{{ key }}', 'placeholder'),
    ('a gap in the documentation', '<your key here>', 'placeholder'),
    ('scheme in front', f'Bearer {t}', 'has_scheme'),
    ('scheme in lower case', f'bearer {t}', 'has_scheme'),
    ('a whole header', f'Authorization: Bearer {t}', 'has_scheme'),
    ('double quotes', f'"{t}"', 'quoted'),
    ('single quotes', f"'{t}'", 'quoted'),
    ('a quote at the end', f'{t}"', 'quoted'),
    ('curly quotes', f'\u201c{t}\u201d', 'quoted'),
    ('quotes and a line end', f'"{t}"\n', 'quoted'),
    ('line end behind', f'{t}\n', 'whitespace'),
    ('carriage return behind', f'{t}\r', 'whitespace'),
    ('blank in front', f' {t}', 'whitespace'),
    ('blank inside', f'{t[:40]} {t[40:]}', 'whitespace'),
    ('blank instead of a character', f'{t[:40]} {t[41:]}', 'whitespace'),
    ('blanks only', '   ', 'whitespace'),
    ('byte order mark', f'\ufeff{t}', 'whitespace'),
    ('zero-width space', f'{t}\u200b', 'whitespace'),
    ('NUL behind', f'{t}\0', 'whitespace'),
    ('id of a key', good['keyId'], 'key_id'),
    ('shortened by stars', f'{head}{good["keyIdSuffix"]}****{t[-4:]}', 'redacted'),
    ('shortened by dots', f'{t[:12]}...{t[-4:]}', 'redacted'),
    ('shortened by an ellipsis', f'{t[:12]}\u2026{t[-4:]}', 'redacted'),
    ('another prefix', resum(f'exx_live_{t[8:]}'), 'wrong_prefix'),
    ('another company', 'sk-proj-0123456789', 'wrong_prefix'),
    ('prefix in upper case', f'EX{t[2:]}', 'wrong_prefix'),
    ('prefix alone', 'ex', 'wrong_prefix'),
    ('no prefix', t[3:], 'wrong_prefix'),
    ('an environment variable with its name', f'EX_API_KEY={t}', 'wrong_prefix'),
    ('unknown mode', resum(f'ex_prod_{t[8:]}'), 'wrong_mode'),
    ('mode in upper case', resum(f'ex_LIVE_{t[8:]}'), 'wrong_mode'),
    ('no mode', f'ex_{t[8:]}', 'wrong_mode'),
    ('cut inside the mode', 'ex_liv', 'wrong_mode'),
    ('header alone', head, 'too_short'),
    ('last character cut off', t[:-1], 'too_short'),
    ('a character lost inside', t[:40] + t[41:], 'too_short'),
    ('one character more', f'{t}0', 'too_long'),
    ('twice in a row', t + t, 'too_long'),
    ('a hyphen in the secret', f'{t[:40]}-{t[41:]}', 'bad_character'),
    ('an underscore in the secret', f'{t[:40]}_{t[41:]}', 'bad_character'),
    ('a hyphen in the checksum', f'{t[:-1]}-', 'bad_character'),
    ('a letter beyond ASCII', f'{t[:40]}\u0141{t[41:]}', 'bad_character'),
    ('a full-width digit', f'{t[:40]}\uff11{t[41:]}', 'bad_character'),
    ('id in upper case', resum(head + good['keyIdSuffix'].upper() + t[34:]), 'bad_key_id'),
    ('a letter base32 leaves out', resum(f'{t[:20]}u{t[21:]}'), 'bad_key_id'),
    ('id past 128 bits', resum(f'{head}8{t[9:]}'), 'bad_key_id'),
    ('id of version 4', token(pieces(suffix_=suffix(0, version=4))), 'bad_key_id'),
    ('id of another variant', token(pieces(suffix_=suffix(0, variant=3))), 'bad_key_id'),
    ('a character changed in the id', f'{t[:30]}{"0" if t[30] != "0" else "1"}{t[31:]}', 'bad_checksum'),
    ('a character changed in the secret', f'{t[:40]}{"0" if t[40] != "0" else "1"}{t[41:]}', 'bad_checksum'),
    ('a character changed in the checksum', f'{t[:-1]}{"0" if t[-1] != "0" else "1"}', 'bad_checksum'),
    ('upper and lower case swapped', f'{t[:34]}{t[34:].swapcase()}', 'bad_checksum'),
    ('checksum of another mode', f'ex_test_{t[8:]}', 'bad_checksum'),
    ('checksum past 32 bits', f'{t[:-6]}zzzzzz', 'bad_checksum'),
]
write('parse-invalid', 'Texts that are no keys of the prefix ex, and the code each is refused with.',
      [named(n, prefix='ex', text=x, code=c) for n, x, c in invalid])

shown = f'{head}{good["keyIdSuffix"]}****{t[-4:]}'
write('redact', 'One key, or what was taken for one, as it may be shown.', [
    named(n, prefix='ex', text=x, redacted=r) for n, x, r in [
        ('a key', t, shown),
        ('a test key', *(lambda k: (token(k), f'ex_test_{k["keyIdSuffix"]}****{token(k)[-4:]}'))(pieces(mode='test'))),
        ('a wrong checksum', t[:-1] + ('0' if t[-1] != '0' else '1'), f'{head}****'),
        ('a character lost in the id', t[:20] + t[21:], f'{head}****'),
        ('a line end behind', f'{t}\n', f'{head}****'),
        ('header alone', head, f'{head}****'),
        ('another prefix', f'sk_{t[3:]}', '****'),
        ('unknown mode', f'ex_prod_{t[8:]}', '****'),
        ('something else', 'correct horse battery staple', '****'),
        ('nothing', '', '****'),
        ('redacted already', shown, f'{head}****'),
    ]
])

other = pieces(mode='root')
o = token(other)
shown_other = f'ex_root_{other["keyIdSuffix"]}****{o[-4:]}'
broken = t[:-1] + ('0' if t[-1] != '0' else '1')
write('redact-text', 'Texts in which every key-shaped run is redacted, its checksum right or not.', [
    named(n, prefix='ex', text=x, redacted=r) for n, x, r in [
        ('nothing', '', ''),
        ('no key', 'the quick brown fox ex_ live_', 'the quick brown fox ex_ live_'),
        ('a key alone', t, shown),
        ('two keys in a line', f'old={t} new={o}', f'old={shown} new={shown_other}'),
        ('two keys without a gap', t + o, shown + shown_other),
        ('in JSON, behind an escaped line end', json.dumps({'a': f'\n{t}'}), json.dumps({'a': f'\n{shown}'})),
        ('in an encoded URL', f'?key%3D{t}%26a', f'?key%3D{shown}%26a'),
        ('a wrong checksum', f'<{broken}>', f'<{head}****>'),
        ('cut off', f'{t[:50]}...', f'{head}****...'),
        ('a wrong one with a right one stuck to it', broken + o, f'{head}****'),
        ('a header in front of a key', head + t, f'{head}****'),
        ('id without a secret', f'{head}{good["keyIdSuffix"]}', f'{head}{good["keyIdSuffix"]}'),
        ('id and one more character', f'{head}{good["keyIdSuffix"]}x.', f'{head}****.'),
        ('the word for the header', 'keys start with ex_live_ or ex_test_', 'keys start with ex_live_ or ex_test_'),
        ('redacted already', f'key {shown}, key {head}****', f'key {shown}, key {head}****'),
        ('the id of the key', good['keyId'], good['keyId']),
        ('another prefix', f'sk_{t[3:]}', f'sk_{t[3:]}'),
    ]
])


def found(text, *keys):
    out, at = [], 0
    for key in keys:
        start = text.index(token(key), at)
        at = start + len(token(key))
        out.append({'start': start, 'end': at, 'mode': key['mode'], 'keyId': key['keyId'], 'issuedAt': key['issuedAt']})
    return out


finds = [
    ('nothing', '', []),
    ('no key', 'ex_live_ is how they start', []),
    ('a key alone', t, [good]),
    ('two keys in a line', f'old={t} new={o}', [good, other]),
    ('the same key twice', f'{t},{t}', [good, good]),
    ('two keys without a gap', t + o, [good, other]),
    ('letters on both sides', f'x{t}x', [good]),
    ('behind an escaped line end', f'\\n{t}\\n', [good]),
    ('headers in front', f'ex_ex_live_{t}', [good]),
    ('behind a wrong one', f'{broken}{t}', [good]),
    ('behind a cut one', f'{t[:70 - 24]}{o}', [other]),
    ('a wrong checksum', broken, []),
    ('last character cut off', t[:-1], []),
    ('split by a line end', f'{t[:40]}\n{t[40:]}', []),
    ('behind a letter beyond the basic plane (two UTF-16 units)', f'\U0001f511{t}', [good]),
    ('another prefix', f'ab_{t[3:]}', []),
]
vectors = []
for n, x, keys in finds:
    places = found(x, *keys)
    extra = len(x.encode('utf-16-le', 'surrogatepass')) // 2 - len(x)  # only ever in front of the keys
    for place in places:
        place['start'] += extra
        place['end'] += extra
    vectors.append(named(n, prefix='ex', text=x, keys=places))
write('find', 'The keys with a right checksum inside a text; start and end count UTF-16 units.', vectors)

pepper1, pepper2 = bytes(range(32)), bytes(range(255, 191, -1))
digests = []
for n, p, version, pepper in [
    ('live key, 32-byte pepper', valid[0], 'v1', pepper1), ('live key, 64-byte pepper', valid[0], 'v2', pepper2),
    ('root key, 32-byte pepper', valid[2], 'v1', pepper1), ('custom prefix', valid[11], 'v2', pepper2),
]:
    p = {k: p[k] for k in ('prefix', 'mode', 'keyIdSuffix', 'secret', 'checksum')}
    digests.append(named(n, **p, pepperVersion=version, pepperHex=pepper.hex(),
                         digestHex=hmac.new(pepper, token(p).encode(), hashlib.sha256).hexdigest()))
write('digest', 'HMAC-SHA-256 of the whole token under a pepper.', digests)
