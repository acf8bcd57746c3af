/**
 * Letters outside ASCII that look like one ASCII letter or digit, from the confusables of Unicode Technical Standard
 * 39. Left out: letters that NFKC turns into ASCII, which need no list, and the Turkish ı. Code points in hexadecimal,
 * by script.
 */
const lookalikeLetters = [
  // latin
  '184 18d 196 1a6 1a7 1b7 1bc 1bd 1c0 1c3 21c 222 223 251 261 263 269 26a 26f 28b 28f 1d04 1d0f 1d11 1d1c 1d20',
  '1d21 1d22 1d83 1d8c 1e9d 1eff a731 a75a a76a a76e a798 a799 a79f a7ab a7b2 a7b3 a7b4 ab32 ab35 ab3d ab47 ab48',
  'ab4e ab52 ab5a',
  // cyrillic
  '405 406 408 410 412 415 417 41a 41c 41d 41e 420 421 422 423 425 42c 430 431 433 435 43e 440 441 443 445 455',
  '456 458 461 474 475 4ae 4af 4bb 4bd 4c0 4cf 4e0 501 50c 51b 51c 51d a644 a647',
  // greek
  '37a 37f 391 392 395 396 397 399 39a 39c 39d 39f 3a1 3a4 3a5 3a7 3b1 3b3 3b9 3bd 3bf 3c1 3c3 3c5 3d2 3dc 3f1',
  '3f2 3f3 3f9 3fa 1d26 1fbe',
  // armenian
  '54d 54f 555 561 563 566 570 578 57c 57d 581 584 585',
  // cherokee
  '13a0 13a1 13a2 13a5 13a9 13aa 13ab 13ac 13b3 13b7 13bb 13bd 13c0 13c2 13c3 13ce 13cf 13d2 13d4 13d5 13d9 13da',
  '13de 13df 13e2 13e6 13e7 13ee 13f3 13f4 ab75 ab81 ab83 ab93 aba9 abaa abaf',
  // coptic
  '3e8 2c85 2c8e 2c92 2c94 2c98 2c9a 2c9e 2c9f 2ca2 2ca3 2ca4 2ca5 2ca6 2ca8 2cac 2cca 2ccc 2cd0 2cd2',
  // lisu
  'a4d0 a4d1 a4d2 a4d3 a4d4 a4d6 a4d7 a4d9 a4da a4dc a4dd a4df a4e0 a4e1 a4e2 a4e3 a4e6 a4e7 a4ea a4eb a4ec a4ee',
  'a4f0 a4f2 a4f3 a4f4',
  // canadian aboriginal
  '142f 144c 146d 146f 1472 148d 14aa 14bf 1541 157c 157d 1587 15af 15b4 15c5 15de 15ea 15f0 15f7',
  // others
  '5d5 5d8 5df 5e1 627 647 6be 6c1 6d5 7ca b20 d20 101d 10e7 10ff 1200 12d0 16b7 16c1 16d5 16d6 213d 2d38 2d39',
  '2d4f 2d54 2d55 2d5d a6df fba6 fba7 fba8 fba9 fbaa fbab fbac fbad fe8d fe8e fee9 feea feeb feec 10282 10286',
  '10287 1028a 10290 10292 10295 10296 10297 102a0 102a1 102a2 102a5 102ab 102b0 102b1 102b2 102b4 102cf 10301',
  '10302 10309 10311 10315 10317 1031a 10404 10415 1041b 10420 1042c 1043d 10448 104b4 104c2 104ce 104d2 104ea',
  '104f6 10513 10516 10518 1051c 1051d 10525 10526 10527 11706 1170a 1170e 1170f 118a0 118a2 118a3 118a4 118a6',
  '118a9 118ac 118ae 118af 118b2 118b5 118b8 118bb 118bc 118c0 118c1 118c2 118c3 118c4 118c6 118c8 118ca 118cc',
  '118d5 118d6 118d7 118d8 118dc 16f08 16f0a 16f16 16f28 16f35 16f3a 16f3b 16f40 16f42 16f43 1ee00 1ee24 1ee64',
  '1ee80 1ee84',
];

/** Punctuation that looks like / \ . : or =, which separate the parts of addresses and paths. */
const lookalikePunctuation = [
  '1735 2044 205a 2215 2216 2236 2571 2024 27cb 27cd 29f5 29f8 29f9 2e40 a60e a789 a4ff 2f8 16ec 1803 5c3 10a50',
];

function charactersOf(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')).map((hex) => String.fromCodePoint(Number.parseInt(hex, 16))));
}

/** Letters that pass for an ASCII letter or digit. */
export const letterLookalikes = charactersOf(lookalikeLetters);

/** Punctuation that passes for a separator. */
export const separatorLookalikes = charactersOf(lookalikePunctuation);
