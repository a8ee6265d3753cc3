// crypto.subtle: vectors of RFCs and of NIST, keys, and what is refused; see javascript_cases.py.
// The RSA key below is of this file alone.
const subtle = crypto.subtle;
const hex = (data) => Array.from(new Uint8Array(data), (byte) => byte.toString(16).padStart(2, '0')).join('');
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const utf8 = (text) => new TextEncoder().encode(text);
const base64 = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
const url = (text) => btoa(String.fromCharCode(...bytes(text))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
const raw = (text, algorithm, ...usages) => subtle.importKey('raw', bytes(text), algorithm, true, usages);
const described = (key) => [key.type, key.extractable, key.algorithm, key.usages];
const RSA = base64(
  'MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMfJmttPc0WHv0p3iDEUrfBVRXXXuK1LL1jSOQ4s' +
  'pB67KkamLqzvcdQYibsqxsr0rDh5vJE+RRG3Wu3imxwzJwRA1mIiXFzjqRyDQ+XtHiqPwpGRy0ZdS0DUFbb8ozib' +
  'rqUAC/Ym9/ouMxLwAiU1fI5JHrLDnaPjfGRyxfacgtMVAgMBAAECgYEAjbksCwsPQHGNdyvYBskeonA6999xeCzv' +
  'h1iJdM6iFdK7qKZWUgMBgm1ttsIfhvWN/foNlBLSOEETVdD8K0L2F0JRGrMtXnCMgOZN0nMsTLbBHF5Irdrt/D4K' +
  '+TNRkKd7/GAG/wsbdibmnG3RYWQ6GKOM8wYEkVKBtD5Oy0qas7kCQQD1/Lbqrzx3DnC8gGJND5JOp1L+ROTIPdJ5' +
  'w4/o4JpH9hZ1ePf5f8bzKF7oEKVzHuWKEi+5FMF8sRaX6bXxfPKzAkEAz+t4sA9xYdQCIwnn57y+8Ade3r0ga3Tv' +
  '2x+pYgEVxQJmiqTLkl50nRC9/AoKZ9RuUAciYnoK1fdJUUSJvlFnFwJAGj5sBX3MpacUwAeydSZEJcAUSqxu/C4c' +
  'VoFWyTGtRCAtJTtSuXu4bhjQh1G/VRjmxGRMUyKzwenizzJQBwOdoQJAIZTdnEoSPQO6CKC79QDWMfxuxTj0uIZd' +
  'ix21BOA5/OTjXPc67fwVh5zBoqiYf6ae3owYcKFXiLF1BQw11yhcpwJAQYfugnUyyto9CjCxsv0D04ZQnwC+lJuK' +
  '12YmAiz/r0eeQLbN9eBw/1+wPG/mgSVSxldd0rI3wc+dFE2udV0wLw==');
const rsa = (name, usage, hash = 'SHA-256') => subtle.importKey('pkcs8', RSA, { name, hash }, true, [usage]);
const publicOf = async (key, usage) => {
  const { kty, n, e, crv, x, y } = await subtle.exportKey('jwk', key);
  const { name, hash, namedCurve } = key.algorithm;
  return subtle.importKey('jwk', { kty, n, e, crv, x, y }, { name, hash, namedCurve }, true, usage ? [usage] : []);
};

//// digests of abc
return Promise.all(['sha-1', 'SHA-256', { name: 'SHA-384' }].map(async (name) =>
  hex(await subtle.digest(name, utf8('abc')))));
//= ["a9993e364706816aba3e25717850c26c9cd0d89d", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"]

//// digest of nothing, of a view
const all = new Uint8Array([9, 97, 98, 99, 9]);
return [hex(await subtle.digest('SHA-512', new ArrayBuffer(0))).slice(0, 16),
  hex(await subtle.digest('SHA-1', new DataView(all.buffer, 1, 3)))];
//= ["cf83e1357eefb8bd", "a9993e364706816aba3e25717850c26c9cd0d89d"]

//// a digest is of what was given, not of what it became
const data = utf8('abc');
const promise = subtle.digest('SHA-1', data);
data.fill(0);
return hex(await promise);
//= "a9993e364706816aba3e25717850c26c9cd0d89d"

//// HMAC, RFC 4231 case 2
const key = await subtle.importKey('raw', utf8('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
const data = utf8('what do ya want for nothing?');
const signature = await subtle.sign('HMAC', key, data);
return [hex(signature), await subtle.verify('hmac', key, signature, data),
  await subtle.verify('HMAC', key, signature.slice(1), data), await subtle.verify('HMAC', key, signature, utf8('x')),
  described(key), await subtle.exportKey('jwk', key)];
//= ["5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", true, false, false, ["secret", true, {"name": "HMAC", "hash": {"name": "SHA-256"}, "length": 32}, ["sign", "verify"]], {"kty": "oct", "k": "SmVmZQ", "alg": "HS256", "key_ops": ["sign", "verify"], "ext": true}]

//// AES-CBC, NIST SP 800-38A F.2.1
const key = await raw('2b7e151628aed2a6abf7158809cf4f3c', 'AES-CBC', 'encrypt', 'decrypt');
const algorithm = { name: 'AES-CBC', iv: bytes('000102030405060708090a0b0c0d0e0f') };
const sealed = await subtle.encrypt(algorithm, key, bytes('6bc1bee22e409f96e93d7e117393172a'));
return [hex(sealed).slice(0, 32), sealed.byteLength, hex(await subtle.decrypt(algorithm, key, sealed)),
  await kindOf(() => subtle.decrypt(algorithm, key, sealed.slice(0, 16))),
  await kindOf(() => subtle.decrypt(algorithm, key, sealed.slice(0, 17))),
  await kindOf(() => subtle.encrypt({ ...algorithm, iv: new Uint8Array(15) }, key, sealed)),
  (await subtle.encrypt(algorithm, key, new Uint8Array())).byteLength];
//= ["7649abac8119b246cee98e9b12e9197d", 32, "6bc1bee22e409f96e93d7e117393172a", "OperationError", "OperationError", "OperationError", 16]

//// AES-CTR, NIST SP 800-38A F.5.1
const key = await raw('2b7e151628aed2a6abf7158809cf4f3c', 'AES-CTR', 'encrypt');
const algorithm = { name: 'AES-CTR', counter: bytes('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff'), length: 128 };
return hex(await subtle.encrypt(algorithm, key, bytes('6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51')));
//= "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"

//// AES-CTR: the counter begins again, and what stands before it stays
const key = await raw('2b7e151628aed2a6abf7158809cf4f3c', 'AES-CTR', 'encrypt');
const stream = async (counter, length, size) =>
  hex(await subtle.encrypt({ name: 'AES-CTR', counter: bytes(counter), length }, key, new Uint8Array(size)));
const at = (last) => stream(`f0f1f2f3f4f5f6f7f8f9fafbfcfdfe${last}`, 128, 16);
return [await stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 8, 48) === await at('ff') + await at('00') + await at('01'),
  await stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 2, 20) === await at('ff') + (await at('fc')).slice(0, 8),
  await kindOf(() => stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 1, 33)),
  await kindOf(() => stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfe', 1, 1)),
  await kindOf(() => stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 0, 1)),
  await kindOf(() => stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 129, 1)),
  await kindOf(() => stream('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff', 256, 1))];
//= [true, true, "OperationError", "OperationError", "OperationError", "OperationError", "TypeError"]

//// AES-GCM, cases 4 to 6 of its specification
const key = await raw('feffe9928665731c6d6a8f9467308308', 'AES-GCM', 'encrypt', 'decrypt');
const data = bytes('d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39');
const additionalData = bytes('feedfacedeadbeeffeedfacedeadbeefabaddad2');
const tags = [];
for (const iv of ['cafebabefacedbaddecaf888', 'cafebabefacedbad', '9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b', 'ca', 'ab'.repeat(200)]) {
  const algorithm = { name: 'AES-GCM', iv: bytes(iv), additionalData };
  const sealed = await subtle.encrypt(algorithm, key, data);
  tags.push(hex(sealed).slice(0, 8) + hex(sealed).slice(-32), hex(await subtle.decrypt(algorithm, key, sealed)) === hex(data));
}
return tags;
//= ["42831ec25bc94fbc3221a5db94fae95ae7121a47", true, "61353b4c3612d2e79e3b0785561be14aaca2fccb", true, "8ce24998619cc5aefffe0bfa462af43c1699d050", true, "255a31871d5d89031129b453f4ad70c0484aafb5", true, "49e30151914d6b1622cb0c24783a1266cc6a8798", true]

//// AES-GCM: tags of other lengths
const key = await raw('feffe9928665731c6d6a8f9467308308', 'AES-GCM', 'encrypt', 'decrypt');
const seen = [];
for (const tagLength of [32, 64, 96, 128, 0, 129, 120.9]) {
  const algorithm = { name: 'AES-GCM', iv: bytes('cafebabefacedbaddecaf888'), tagLength };
  seen.push(await kindOf(async () => {
    const sealed = await subtle.encrypt(algorithm, key, utf8('hello'));
    return [hex(sealed), hex(await subtle.decrypt(algorithm, key, sealed))];
  }));
}
const algorithm = { name: 'AES-GCM', iv: bytes('cafebabefacedbaddecaf888') };
const sealed = new Uint8Array(await subtle.encrypt(algorithm, key, utf8('hello')));
sealed[0] ^= 1;
return [...seen, await kindOf(() => subtle.decrypt(algorithm, key, sealed)), await kindOf(() => subtle.decrypt(algorithm, key, sealed.slice(0, 15))),
  await kindOf(() => subtle.encrypt({ ...algorithm, tagLength: 256 }, key, sealed)), await kindOf(() => subtle.encrypt({ name: 'AES-GCM' }, key, sealed))];
//= [["f3d7408bb6b6351cb8", "68656c6c6f"], ["f3d7408bb6b6351cb8ffde4b6a", "68656c6c6f"], ["f3d7408bb6b6351cb8ffde4b6a9429ac51", "68656c6c6f"], ["f3d7408bb6b6351cb8ffde4b6a9429ac5111b9985c", "68656c6c6f"], "OperationError", "OperationError", ["f3d7408bb6b6351cb8ffde4b6a9429ac5111b998", "68656c6c6f"], "OperationError", "OperationError", "TypeError", "TypeError"]

//// AES-KW, RFC 3394 section 4.1
const wrapping = await raw('000102030405060708090a0b0c0d0e0f', 'AES-KW', 'wrapKey', 'unwrapKey');
const key = await raw('00112233445566778899aabbccddeeff', 'AES-CBC', 'encrypt');
const wrapped = await subtle.wrapKey('raw', key, wrapping, 'AES-KW');
const back = await subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-GCM', true, ['decrypt']);
const odd = await raw('0011223344556677889900', { name: 'HMAC', hash: 'SHA-1' }, 'sign');
new Uint8Array(wrapped)[3] ^= 1;
return [hex(await subtle.exportKey('raw', back)), described(back), await kindOf(() => subtle.wrapKey('raw', odd, wrapping, 'AES-KW')),
  await kindOf(() => subtle.unwrapKey('raw', wrapped, wrapping, 'AES-KW', 'AES-GCM', true, ['decrypt'])),
  await kindOf(() => subtle.encrypt('AES-KW', wrapping, wrapped))];
//= ["00112233445566778899aabbccddeeff", ["secret", true, {"name": "AES-GCM", "length": 128}, ["decrypt"]], "OperationError", "OperationError", "NotSupportedError"]

//// AES-KW: the wrapped bytes
const wrapping = await raw('000102030405060708090a0b0c0d0e0f', 'AES-KW', 'wrapKey');
const key = await raw('00112233445566778899aabbccddeeff', 'AES-CBC', 'encrypt');
return hex(await subtle.wrapKey('raw', key, wrapping, 'AES-KW'));
//= "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"

//// PBKDF2, RFC 6070
const key = await subtle.importKey('raw', utf8('password'), 'PBKDF2', false, ['deriveBits', 'deriveKey']);
const bits = async (iterations, length = 160, hash = 'SHA-1') =>
  hex(await subtle.deriveBits({ name: 'PBKDF2', salt: utf8('salt'), iterations, hash }, key, length));
return [await bits(1), await bits(4096), await bits(2, 256, 'SHA-512'), await kindOf(() => bits(0)), await kindOf(() => bits(1, 12)),
  await kindOf(() => bits(-1)), await kindOf(() => bits(1, 8, 'MD5')), described(key),
  described(await subtle.deriveKey({ name: 'PBKDF2', salt: utf8('salt'), iterations: 1, hash: 'SHA-256' }, key,
    { name: 'AES-GCM', length: 256 }, true, ['encrypt']))];
//= ["0c60c80f961f0e71f3a9b524af6012062fe037a6", "4b007901b765489abead49d926f721d065a429c1", "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53c", "OperationError", "OperationError", "TypeError", "NotSupportedError", ["secret", false, {"name": "PBKDF2"}, ["deriveKey", "deriveBits"]], ["secret", true, {"name": "AES-GCM", "length": 256}, ["encrypt"]]]

//// HKDF, RFC 5869 cases 1 and 3
const key = await subtle.importKey('raw', bytes('0b'.repeat(22)), 'HKDF', false, ['deriveBits', 'deriveKey']);
const bits = async (salt, info, length) =>
  hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: bytes(salt), info: bytes(info) }, key, length));
return [await bits('000102030405060708090a0b0c', 'f0f1f2f3f4f5f6f7f8f9', 336), await bits('', '', 336),
  await kindOf(() => bits('', '', 255 * 256 + 8)), await kindOf(() => bits('', '', 7)),
  (await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: bytes(''), info: bytes('') }, key,
    { name: 'HMAC', hash: 'SHA-384' }, true, ['sign'])).algorithm];
//= ["3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8", "OperationError", "OperationError", {"name": "HMAC", "hash": {"name": "SHA-384"}, "length": 1024}]

//// Ed25519, RFC 8032 test 2
const x = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const d = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
const jwk = { kty: 'OKP', crv: 'Ed25519', x: url(x), d: url(d) };
const key = await subtle.importKey('jwk', jwk, 'Ed25519', true, ['sign']);
const other = await raw(x, { name: 'ed25519' }, 'verify');
const signature = await subtle.sign('Ed25519', key, bytes('72'));
return [hex(signature), await subtle.verify('Ed25519', other, signature, bytes('72')), await subtle.verify('Ed25519', other, signature, bytes('73')),
  hex(await subtle.exportKey('pkcs8', key)), hex(await subtle.exportKey('spki', other)), hex(await subtle.exportKey('raw', other)),
  described(key), described(other)];
//= ["92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00", true, false, "302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", ["private", true, {"name": "Ed25519"}, ["sign"]], ["public", true, {"name": "Ed25519"}, ["verify"]]]

//// Ed25519: keys that do not belong together
const jwk = { kty: 'OKP', crv: 'Ed25519', x: url('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'),
  d: url('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fa') };
return [await kindOf(() => subtle.importKey('jwk', jwk, 'Ed25519', true, ['sign'])),
  await kindOf(() => subtle.importKey('jwk', { ...jwk, crv: 'X25519' }, 'Ed25519', true, ['sign'])),
  await kindOf(() => subtle.importKey('raw', new Uint8Array(31), 'Ed25519', true, ['verify'])),
  await kindOf(() => subtle.importKey('raw', new Uint8Array(32), 'Ed25519', true, ['sign']))];
//= ["DataError", "DataError", "DataError", "SyntaxError"]

//// X25519, RFC 7748 section 5.2
const key = await subtle.importKey('pkcs8', bytes('302e020100300506032b656e04220420' +
  'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'), 'X25519', true, ['deriveBits', 'deriveKey']);
const other = await raw('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c', 'X25519');
const algorithm = { name: 'X25519', public: other };
return [hex(await subtle.deriveBits(algorithm, key, 256)), hex(await subtle.deriveBits(algorithm, key, 64)), hex(await subtle.deriveBits(algorithm, key, null)) === hex(await subtle.deriveBits(algorithm, key, 256)),
  await kindOf(() => subtle.deriveBits(algorithm, key, 264)), await kindOf(() => subtle.deriveBits({ name: 'X25519', public: key }, key, 256)),
  hex(await subtle.exportKey('raw', await subtle.deriveKey(algorithm, key, { name: 'AES-CBC', length: 128 }, true, ['encrypt']))),
  Object.keys(await subtle.exportKey('jwk', key)).sort()];
//= ["c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552", "c3da55379de9c690", true, "OperationError", "InvalidAccessError", "c3da55379de9c6908e94ea4df28d084f", ["crv", "d", "ext", "key_ops", "kty", "x"]]

//// X25519: a public key of small order
const pair = await subtle.generateKey('X25519', true, ['deriveBits']);
return kindOf(async () => subtle.deriveBits({ name: 'X25519', public: await raw('00'.repeat(32), 'X25519') }, pair.privateKey, 256));
//= "OperationError"

//// ECDSA, RFC 6979 A.2.5
const x = url('60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6');
const y = url('7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299');
const d = url('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721');
const key = await subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y, ext: true, use: 'sig', key_ops: ['verify'] },
  { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify']);
const signature = bytes('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716' +
  'f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8');
const secret = await subtle.importKey('jwk', { kty: 'EC', crv: 'P-256', x, y, d }, { name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
const own = await subtle.sign({ name: 'ECDSA', hash: 'SHA-384' }, secret, utf8('x'));
const holds = (hash, given, text) => subtle.verify({ name: 'ECDSA', hash }, key, given, utf8(text));
return [await holds('SHA-256', signature, 'sample'), await holds('SHA-256', signature, 'simple'), await holds('SHA-512', signature, 'sample'),
  await holds('SHA-256', signature.slice(1), 'sample'), await holds('SHA-256', new Uint8Array(64), 'sample'), own.byteLength, await holds('SHA-384', own, 'x'),
  await subtle.exportKey('jwk', secret), hex(await subtle.exportKey('spki', key)), hex(await subtle.exportKey('raw', key)).slice(0, 12)];
//= [true, false, false, false, false, 64, true, {"kty": "EC", "crv": "P-256", "x": "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y", "y": "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk", "d": "ya-p2EW6dRZrXCFXZ7HWk05Qw9s26JsSe4piKxIPZyE", "key_ops": ["sign"], "ext": true}, "3059301306072a8648ce3d020106082a8648ce3d0301070342000460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", "0460fed4ba25"]

//// ECDH: bits of three curves
const seen = [];
for (const namedCurve of ['P-256', 'P-384', 'P-521']) {
  const [one, other] = [await subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits']),
    await subtle.generateKey({ name: 'ECDH', namedCurve }, true, ['deriveBits'])];
  const bits = await subtle.deriveBits({ name: 'ECDH', public: other.publicKey }, one.privateKey, null);
  const same = await subtle.deriveBits({ name: 'ECDH', public: one.publicKey }, other.privateKey, null);
  seen.push(bits.byteLength, hex(bits) === hex(same), hex(await subtle.deriveBits({ name: 'ECDH', public: other.publicKey }, one.privateKey, 128)) === hex(bits).slice(0, 32),
    described(one.publicKey), described(one.privateKey));
}
return seen;
//= [32, true, true, ["public", true, {"name": "ECDH", "namedCurve": "P-256"}, []], ["private", true, {"name": "ECDH", "namedCurve": "P-256"}, ["deriveBits"]], 48, true, true, ["public", true, {"name": "ECDH", "namedCurve": "P-384"}, []], ["private", true, {"name": "ECDH", "namedCurve": "P-384"}, ["deriveBits"]], 66, true, true, ["public", true, {"name": "ECDH", "namedCurve": "P-521"}, []], ["private", true, {"name": "ECDH", "namedCurve": "P-521"}, ["deriveBits"]]]

//// ECDH: keys that do not fit
const one = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
const other = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-384' }, true, ['deriveBits']);
const signing = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify', 'sign']);
const bits = (key, length, by = one.privateKey) => kindOf(() => subtle.deriveBits({ name: 'ECDH', public: key }, by, length));
return [await bits(other.publicKey, 8), await bits(signing.publicKey, 8), await bits(one.privateKey, 8), await bits(one.publicKey, 8, one.publicKey),
  await bits(one.publicKey, 264), await bits({}, 8), await bits(one.publicKey, 8, signing.privateKey)];
//= ["InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "OperationError", "TypeError", "InvalidAccessError"]

//// EC: points and curves that are wrong
const point = async (text, namedCurve = 'P-256') => kindOf(() => raw(text, { name: 'ECDSA', namedCurve }, 'verify'));
const good = '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299';
const key = await raw(good, { name: 'ECDH', namedCurve: 'P-256' });
return [await point(good.slice(0, -2) + '98'), await point('0400'), await point(good, 'P-384'), await point(good, 'P-192'), await point(''), described(key),
  await kindOf(async () => subtle.importKey('spki', await subtle.exportKey('spki', key), { name: 'ECDH', namedCurve: 'P-384' }, true, [])),
  await kindOf(() => subtle.importKey('spki', RSA, { name: 'ECDH', namedCurve: 'P-384' }, true, [])),
  await kindOf(() => subtle.importKey('pkcs8', bytes('3003020100'), { name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']))];
//= ["DataError", "DataError", "DataError", "NotSupportedError", "DataError", ["public", true, {"name": "ECDH", "namedCurve": "P-256"}, []], "DataError", "DataError", "DataError"]

//// RSASSA-PKCS1-v1_5
const key = await rsa('RSASSA-PKCS1-v1_5', 'sign');
const other = await publicOf(key, 'verify');
const signature = await subtle.sign('RSASSA-PKCS1-v1_5', key, utf8('hello'));
return [hex(signature), await subtle.verify('RSASSA-PKCS1-v1_5', other, signature, utf8('hello')),
  await subtle.verify('RSASSA-PKCS1-v1_5', other, signature, utf8('hullo')),
  [key.type, key.algorithm.modulusLength, hex(key.algorithm.publicExponent), key.algorithm.hash], await subtle.exportKey('jwk', other)];
//= ["b3ae5512d7eab53b5eb22a39f0e8cb70a301988a314fb1ece39532c868f7ea075ff2df7821a3f321ea1af99dcf9d5d2888e81419eab24eb1cc777fcb26f302d44cec44ca6a40fc8ffd24d387c4cbf35b65a3dbfee1ef93d889e8fdc001335bc6827908e4651f6d677897044f77fb755df35dac11b295c739044eb07108ad1112", true, false, ["private", 1024, "010001", {"name": "SHA-256"}], {"kty": "RSA", "alg": "RS256", "n": "x8ma209zRYe_SneIMRSt8FVFdde4rUsvWNI5DiykHrsqRqYurO9x1BiJuyrGyvSsOHm8kT5FEbda7eKbHDMnBEDWYiJcXOOpHIND5e0eKo_CkZHLRl1LQNQVtvyjOJuupQAL9ib3-i4zEvACJTV8jkkessOdo-N8ZHLF9pyC0xU", "e": "AQAB", "key_ops": ["verify"], "ext": true}]

//// RSA-PSS
const key = await rsa('RSA-PSS', 'sign', 'SHA-1');
const other = await publicOf(key, 'verify');
const algorithm = (saltLength) => ({ name: 'RSA-PSS', saltLength });
const signature = await subtle.sign(algorithm(32), key, utf8('hello'));
const plain = [await subtle.sign(algorithm(0), key, utf8('hello')), await subtle.sign(algorithm(0), key, utf8('hello'))];
return [await subtle.verify(algorithm(32), other, signature, utf8('hello')), await subtle.verify(algorithm(31), other, signature, utf8('hello')),
  hex(plain[0]) === hex(plain[1]), hex(plain[0]), await kindOf(() => subtle.sign(algorithm(1000), key, utf8('hello'))),
  await kindOf(() => subtle.sign('RSA-PSS', key, utf8('hello'))), (await subtle.exportKey('jwk', key)).alg];
//= [true, false, true, "0d1abdbfbbd0139fd25593e99ef5de62661eb9c495d374dc37ae4d40f3ea98ea86c03a277e62423f49ed755912fe4b3aad101c01a741838bef291d642b7c59d5896136d598be3d31f78e67e2dd06058f7964959eb217a4593dae80422b9a0fe4072e59f35aa38f059593203cc5a9a3d9c20ee591d82d994c89ddf2895d274c69", "OperationError", "TypeError", "PS1"]

//// RSA-OAEP
const key = await rsa('RSA-OAEP', 'decrypt', 'SHA-1');
const other = await publicOf(key, 'encrypt');
const label = utf8('label');
const sealed = await subtle.encrypt({ name: 'RSA-OAEP', label }, other, utf8('hello'));
return [sealed.byteLength, hex(await subtle.decrypt({ name: 'RSA-OAEP', label }, key, sealed)), await kindOf(() => subtle.decrypt('RSA-OAEP', key, sealed)),
  await kindOf(() => subtle.encrypt('RSA-OAEP', other, new Uint8Array(200))), hex(await subtle.decrypt('RSA-OAEP', key, await subtle.encrypt('RSA-OAEP', other, new Uint8Array()))),
  (await subtle.exportKey('jwk', key)).alg, (await subtle.exportKey('jwk', await rsa('RSA-OAEP', 'decrypt', 'SHA-512'))).alg,
  await kindOf(() => subtle.encrypt('RSA-OAEP', key, label)), await kindOf(() => subtle.decrypt('RSA-OAEP', other, sealed))];
//= [128, "68656c6c6f", "OperationError", "OperationError", "", "RSA-OAEP", "RSA-OAEP-512", "InvalidAccessError", "InvalidAccessError"]

//// RSA: the key comes out as it went in
const key = await rsa('RSA-PSS', 'sign');
const again = await subtle.importKey('jwk', await subtle.exportKey('jwk', key), { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['sign']);
const spki = await subtle.exportKey('spki', await publicOf(key, 'verify'));
const fromSpki = await subtle.importKey('spki', spki, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']);
return [hex(await subtle.exportKey('pkcs8', key)) === hex(RSA), hex(await subtle.exportKey('pkcs8', again)) === hex(RSA),
  hex(await subtle.exportKey('spki', fromSpki)) === hex(spki), await kindOf(() => subtle.exportKey('spki', key)), await kindOf(() => subtle.exportKey('raw', key)),
  await kindOf(() => subtle.exportKey('pkcs8', fromSpki)),
  // The key without its wrapping, which is RSA's own format.
  await kindOf(() => subtle.importKey('pkcs8', RSA.slice(26), { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['sign']))];
//= [true, true, true, "InvalidAccessError", "NotSupportedError", "InvalidAccessError", "DataError"]

//// RSA: a new pair
const pair = await subtle.generateKey({ name: 'RSA-OAEP', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) }, false,
  ['wrapKey', 'unwrapKey', 'decrypt', 'encrypt']);
const shown = ({ type, extractable, algorithm, usages }) =>
  [type, extractable, algorithm.name, algorithm.modulusLength, hex(algorithm.publicExponent), algorithm.hash.name, [...usages].sort()];
return [shown(pair.publicKey), shown(pair.privateKey), await kindOf(() => subtle.exportKey('jwk', pair.privateKey)), Object.keys(pair).sort()];
//= [["public", true, "RSA-OAEP", 1024, "010001", "SHA-256", ["encrypt", "wrapKey"]], ["private", false, "RSA-OAEP", 1024, "010001", "SHA-256", ["decrypt", "unwrapKey"]], "InvalidAccessError", ["privateKey", "publicKey"]]

//// RSA: pairs that cannot be
const generate = (members, usages = ['sign']) => kindOf(() => subtle.generateKey(
  { name: 'RSA-PSS', hash: 'SHA-256', modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]), ...members }, true, usages));
return [await generate({ publicExponent: new Uint8Array([2]) }), await generate({ publicExponent: [1, 0, 1] }), await generate({ publicExponent: undefined }),
  await generate({ modulusLength: 8 }), await generate({ hash: 'SHA-3' }), await generate({ hash: undefined }), await generate({}, ['encrypt']),
  await generate({}, []), await generate({}, ['verify']), await generate({ modulusLength: -1 })];
//= ["OperationError", "TypeError", "TypeError", "OperationError", "NotSupportedError", "TypeError", "SyntaxError", "SyntaxError", "SyntaxError", "TypeError"]

//// keys: what generateKey refuses
const generate = (algorithm, ...usages) => kindOf(() => subtle.generateKey(algorithm, true, usages));
return [await generate({ name: 'AES-GCM', length: 127 }, 'encrypt'), await generate({ name: 'AES-GCM' }, 'encrypt'), await generate({ name: 'AES-GCM', length: 128 }),
  await generate({ name: 'AES-KW', length: 128 }, 'encrypt'), await generate({ name: 'HMAC', hash: 'SHA-1', length: 0 }, 'sign'), await generate('nothing', 'sign'),
  await generate({ name: 'ECDSA', namedCurve: 'K-256' }, 'sign'), await generate('PBKDF2', 'deriveBits'), await generate({ name: 'ECDH', namedCurve: 'P-256' }, 'sign'),
  await generate({ name: 'AES-GCM', length: 128 }, 'fly'), await generate('Ed25519', 'verify'), await generate('X25519')];
//= ["OperationError", "TypeError", "SyntaxError", "SyntaxError", "OperationError", "NotSupportedError", "NotSupportedError", "NotSupportedError", "SyntaxError", "TypeError", "SyntaxError", "SyntaxError"]

//// keys: HMAC of lengths
const generate = async (algorithm) => (await subtle.generateKey({ name: 'HMAC', ...algorithm }, true, ['sign'])).algorithm;
const length = (text, bits) => kindOf(async () => (await raw(text, { name: 'HMAC', hash: 'SHA-1', length: bits }, 'sign')).algorithm.length);
return [await generate({ hash: 'SHA-1' }), await generate({ hash: { name: 'sha-512' } }), await generate({ hash: 'SHA-256', length: 40 }),
  await length('00112233', 32), await length('00112233', 33), await length('00112233', 24), await length('', undefined)];
//= [{"name": "HMAC", "hash": {"name": "SHA-1"}, "length": 512}, {"name": "HMAC", "hash": {"name": "SHA-512"}, "length": 1024}, {"name": "HMAC", "hash": {"name": "SHA-256"}, "length": 40}, 32, "DataError", "DataError", "DataError"]

//// keys: what importKey refuses of a JWK
const jwk = { kty: 'oct', k: 'AAECAwQFBgcICQoLDA0ODw' };
const take = (members, usages = ['encrypt'], extractable = true) => kindOf(async () => {
  const key = await subtle.importKey('jwk', { ...jwk, ...members }, 'AES-CBC', extractable, usages);
  return key.algorithm.length;
});
return [await take({}), await take({ kty: 'RSA' }), await take({ kty: undefined }), await take({ k: undefined }), await take({ k: 'AA' }), await take({ k: 'A*' }),
  await take({ alg: 'A128CBC' }), await take({ alg: 'A256CBC' }), await take({ use: 'sig' }), await take({ use: 'enc' }), await take({ key_ops: ['decrypt'] }),
  await take({ key_ops: ['encrypt', 'decrypt'] }), await take({ ext: false }), await take({ ext: false }, ['encrypt'], false), await take({}, []), await take({}, ['sign'])];
//= [128, "DataError", "DataError", "DataError", "DataError", "DataError", 128, "DataError", "DataError", 128, "DataError", 128, "DataError", 128, "SyntaxError", "SyntaxError"]

//// keys: what importKey refuses of its arguments
const take = (...args) => kindOf(async () => { await subtle.importKey(...args); return 'taken'; });
const data = new Uint8Array(16);
return [await take('raw', data, 'AES-CBC', true, ['encrypt']), await take('raw', data), await take('paper', data, 'AES-CBC', true, ['encrypt']),
  await take('raw', {}, 'AES-CBC', true, ['encrypt']), await take('jwk', data, 'AES-CBC', true, ['encrypt']), await take('raw', data, {}, true, ['encrypt']),
  await take('raw', data, 'AES-XYZ', true, ['encrypt']), await take('spki', data, 'AES-CBC', true, ['encrypt']), await take('raw', data.slice(1), 'AES-CBC', true, ['encrypt']),
  await take('raw', data, 'AES-CBC', true, 'encrypt'), await take('raw', data, 'PBKDF2', true, ['deriveBits']), await take('raw', data, 'PBKDF2', false, ['encrypt']),
  await take('jwk', { kty: 'oct', k: 'AA' }, 'HKDF', false, ['deriveBits']), await take('raw', data, 'HMAC', true, ['sign'])];
//= ["taken", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError", "NotSupportedError", "NotSupportedError", "DataError", "TypeError", "SyntaxError", "SyntaxError", "NotSupportedError", "TypeError"]

//// keys: what they may be used for
const key = await raw('00112233445566778899aabbccddeeff', 'AES-CBC', 'decrypt');
const closed = await subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']);
const password = await subtle.importKey('raw', new Uint8Array(16), 'PBKDF2', false, ['deriveBits']);
const iv = new Uint8Array(16);
return [await kindOf(() => subtle.encrypt({ name: 'AES-CBC', iv }, key, iv)), await kindOf(() => subtle.decrypt({ name: 'AES-GCM', iv }, key, iv)),
  await kindOf(() => subtle.sign('HMAC', key, iv)), await kindOf(() => subtle.exportKey('raw', closed)), await kindOf(() => subtle.exportKey('raw', password)),
  await kindOf(() => subtle.exportKey('paper', key)), await kindOf(() => subtle.exportKey('spki', key)), await kindOf(() => subtle.encrypt({ name: 'AES-CBC', iv }, {}, iv)),
  await kindOf(() => subtle.encrypt({ name: 'AES-CBC', iv }, key, 'text')), await kindOf(() => subtle.encrypt({ name: 'AES-CBC' }, key, iv)),
  await kindOf(() => subtle.digest('SHA-1')), await kindOf(() => subtle.digest('SHA-1', 'abc'))];
//= ["InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "NotSupportedError", "TypeError", "NotSupportedError", "TypeError", "TypeError", "TypeError", "TypeError", "TypeError"]

//// keys: objects of their own
const key = await raw('00112233445566778899aabbccddeeff', 'AES-CBC', 'decrypt', 'encrypt', 'decrypt');
const copy = structuredClone(key);
return [key.algorithm === key.algorithm, key.usages === key.usages, [...key.usages].sort(), `${key}`, `${subtle}`, key instanceof CryptoKey, kind(() => new CryptoKey()),
  kind(() => new SubtleCrypto()), crypto.subtle === crypto.subtle, copy !== key, copy instanceof CryptoKey, hex(await subtle.exportKey('raw', copy)),
  crypto instanceof Crypto];
//= [true, true, ["decrypt", "encrypt"], "[object CryptoKey]", "[object SubtleCrypto]", true, "TypeError", "TypeError", true, true, true, "00112233445566778899aabbccddeeff", true]

//// errors are rejections
const seen = [];
for (const name of ['encrypt', 'decrypt', 'sign', 'verify', 'digest', 'generateKey', 'deriveKey', 'deriveBits', 'importKey', 'exportKey', 'wrapKey', 'unwrapKey']) {
  const promise = subtle[name]();
  seen.push(promise instanceof Promise, await kindOf(() => promise), await kindOf(() => subtle[name].call({}, 1, 2, 3, 4, 5, 6, 7)));
}
return [...new Set(seen)];
//= [true, "TypeError"]

//// wrapping: JWK in AES-GCM, pkcs8 in AES-CBC, raw in RSA-OAEP
const gcm = await raw('00112233445566778899aabbccddeeff', 'AES-GCM', 'wrapKey', 'unwrapKey');
const cbc = await raw('00112233445566778899aabbccddeeff', 'AES-CBC', 'wrapKey', 'unwrapKey');
const oaep = [await publicOf(await rsa('RSA-OAEP', 'unwrapKey', 'SHA-1'), 'wrapKey'), await rsa('RSA-OAEP', 'unwrapKey', 'SHA-1')];
const secret = await raw('000102030405060708090a0b0c0d0e0f', { name: 'HMAC', hash: 'SHA-256' }, 'sign');
const signing = await rsa('RSA-PSS', 'sign');
const [a, b, c] = [{ name: 'AES-GCM', iv: new Uint8Array(12) }, { name: 'AES-CBC', iv: new Uint8Array(16) }, 'RSA-OAEP'];
const one = await subtle.unwrapKey('jwk', await subtle.wrapKey('jwk', secret, gcm, a), gcm, a, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
const two = await subtle.unwrapKey('pkcs8', await subtle.wrapKey('pkcs8', signing, cbc, b), cbc, b, { name: 'RSA-PSS', hash: 'SHA-512' }, true, ['sign']);
const three = await subtle.unwrapKey('raw', await subtle.wrapKey('raw', secret, oaep[0], c), oaep[1], c, 'AES-CTR', true, ['encrypt']);
return [hex(await subtle.exportKey('raw', one)), hex(await subtle.exportKey('pkcs8', two)) === hex(RSA), described(three), hex(await subtle.exportKey('raw', three)),
  await kindOf(async () => subtle.unwrapKey('jwk', await subtle.wrapKey('raw', secret, gcm, a), gcm, a, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign'])),
  await kindOf(() => subtle.wrapKey('raw', secret, cbc, a))];
//= ["000102030405060708090a0b0c0d0e0f", true, ["secret", true, {"name": "AES-CTR", "length": 128}, ["encrypt"]], "000102030405060708090a0b0c0d0e0f", "DataError", "InvalidAccessError"]
