"""The phrases that are warned of, by language. Data for `server.chat.phrases`.

Patterns are folded like texts: small letters, no marks. They are matched against the text as it
is read without disguise, and against the same with spaced-out words put together.
"""

APPS = (
    r"\btele ?gram\w*",
    r"\btelgram\w*",
    r"\bteiegram\w*",
    r"\btelegr\w*",
    r"\btele\b(?= *(minh|em|anh|nhe|nha|@|:))",
    r"\bqua tele\b",
    r"\bte le gram\b",
    r"\bt\.me\b\S*",
    r"\btg\b(?= *(is|:|@|-|id|me))",
    r"\bwhats ?ap+\w*",
    r"\bwhatsap+\w*",
    r"\bwatsap+\w*",
    r"\bwa\.me\b\S*",
    r"\bwhats\b(?= *(e|:|\d))",
    r"\b(chat|nomor|no|via|add) wa\b",
    r"\bwa (saya|me|aku)\b",
    r"\bno zap\b",
    r"\bzapzap\b",
    r"\bzalo\w*",
    r"\b[dz]a lo\b",
    r"\bviber\b",
    r"\b(on|via|over|use) signal\b",
    r"\bdiscord\b",
    r"\bskype\b",
    r"\bsnapchat\b",
    r"\bwe ?chat\b",
    r"\bweixin\b",
    r"微信",
    r"\bv信",
    r"\bvx\b",
    r"加v",
    r"电报",
    r"(?<![a-z])qq(?= *\d)",
    r"\bqq *群",
    r"飞机号",
    r"\bline id\b",
    r"\b(on|add|my) line\b(?! of)",
    r"ไลน์",
    r"\bkakao ?talk\b",
    r"\binsta(gram)?\b",
    r"\b(my|on|in) ig\b",
    r"\bface ?book\b",
    r"\bfb\b",
    r"\bmessenger\b",
    r"телеграм\w*",
    r"телег[уаеи]\b",
    r"\bтг\b",
    r"во[тц]+с?ап\w*",
    r"ва[тц]+с?ап\w*",
    r"вайбер\w*",
    r"टेलीग्राम",
    r"व्हाट्सएप",
    r"เทเลแกรม",
    r"واتساب",
    r"تيليجرام",
    r"텔레그램",
    r"카톡",
)
"""Places to talk elsewhere. They are masked with the name or number that follows."""

CONTACT = (
    r"\b(out|off|outside)( of)? (the |this )?(platform|app|site|exchange)\b",
    r"\b(deal|trade|talk|message me|contact me|write me) direct(ly)?\b",
    r"\bdm me\b",
    r"\bhmu\b",
    r"\b(call|text|ping|phone|ring) me\b",
    r"\bmy (phone )?number is\b",
    r"\bsend me (your|ur) (phone )?number\b",
    r"\b(write|reach) (to )?me (to|on|at|:)",
    r"\bngoai (san|app|ung dung|he thong)\b",
    r"\b(sdt|so dien thoai)\b",
    r"\bgoi (cho )?minh so\b",
    r"\b(ib|inbox) (facebook|fb|minh|em|rieng)\b",
    r"\bket ban\b",
    r"\b(por fuera|fuera) (de )?(la )?(plataforma|app|pagina)\b",
    r"\bpor fuera\b",
    r"\bfora da (plataforma|app|corretora)\b",
    r"\bpor fora\b",
    r"\b(di )?luar (aplikasi|platform|app)\b",
    r"\b(hubungi|telepon) saya\b",
    r"\b(hors|sans|en dehors)( de)? (la )?plateforme\b",
    r"\bausserhalb der (plattform|app)\b",
    r"\bplatform disinda\b",
    r"\bbeni ara\b",
    r"мимо (биржи|платформы|площадки)",
    r"вне (биржи|платформы|площадки)",
    r"\bпозвони\b",
    r"私聊",
    r"场外",
    r"平台外",
    r"打我电话",
    r"\bnipigie\b",
    r"\bpiga simu\b",
    r"\bcall (pe|karo)\b",
    r"นอกแอพ",
    r"नंबर भेजो",
)
"""Ways to say that one should talk or deal elsewhere. They are warned of and not masked."""

PRESSURE = (
    (
        r"(?<!\bi )(?<!\bwill )\brelease ((it|them|the|my|your|coins?|usdt|crypto|escrow|trade) )*"
        r"(first|now|immediately|quickly|quick|fast|already|right away|asap|within)\b"
    ),
    r"\b(just|must|have to|need to|only) release\b",
    r"\brelease\b.{0,40}\b(hurry|quickly)\b",
    r"\bhurry\b.{0,40}\brelease\b",
    r"\bmark it( as)? released\b",
    r"\b(do ?n.?t|do not|no need to|without|stop) check(ing)? (your|the|ur)? ?bank\b",
    r"\b(until|after|unless|once) you release\b",
    r"\b(bank|money|payment)\b.{0,30}\bis stuck\b",
    (
        r"(?<!minh )(?<!toi )(?<!\bem )(?<!se )\b(tha|nha|mo khoa|release|giai phong)"
        r"( coin| usdt| tien)? (truoc|luon|ngay|lien|gap|nhanh)\b"
    ),
    r"\bkhong can (kiem tra|check|xem)\b",
    r"\bbam xac nhan\b.{0,30}\b(ngay|nhanh|di)\b",
    r"\btien ve sau\b",
    (
        r"\b(libera|libere|suelta)( las?| los?| el)?( monedas?| usdt| cripto)?"
        r" (primero|ya|ahora|rapido)\b"
    ),
    r"\b(libera|solta)( o| as?)?( usdt| moedas?| cripto)? (primeiro|logo|agora|ja|rapido)\b",
    r"\bate (voce|vc) liberar\b",
    r"\bhasta que liberes\b",
    r"(?<!saya )(?<!aku )\b(rilis|lepas|release) (dulu|sekarang|cepat|aja|kak cepat)\b",
    r"\bcepat(an)? (rilis|lepas|release)\b",
    r"\b(once|hemen|cabuk|hizli) serbest birak\b",
    r"\bserbest birak (once|hemen|artik|cabuk)\b",
    r"сначала (отпусти|отпускай|отправь|переведи|подтверди)",
    r"отпуска?[йи] (быстрее|сейчас|сразу|скорее|срочно)",
    r"отпусти (быстрее|сейчас|сразу|срочно)",
    r"先放",
    r"[快赶][点紧快]?.{0,2}放",
    r"不用(查|看)(银行|账户)",
    r"\bpehle (coin |usdt )?release\b",
    r"\bjaldi release\b",
    r"\brelease (kar do )?jaldi\b",
    r"\brelease mo (na )?(muna|agad)\b",
    r"\bbago ako (magbayad|mag ?bayad)\b",
    r"ปล่อย(เหรียญ|coin|usdt)? ?(ก่อน|เลย|ด่วน)",
    r"\bliber(e|ez)( les?| la)?( fonds| usdt)? (d.abord|maintenant|vite|tout de suite)\b",
    r"\b(zuerst|sofort|jetzt|schnell) frei(geben)?\b",
    r"\bachilia (kwanza|sasa|haraka)\b",
    r"\bphir payment kar\w*",
)

PRETENDS_STAFF = (
    (
        r"\b([i1l] ?am|i.?m|this is|we are|here is) "
        r"((from|the|an?|your|of|part of|working for|in) )*"
        r"(iqx )?(the )?((platform|exchange|official|customer|online) )*"
        r"(support|admin\w*|moderator|service|care|staff|help ?desk|mediator|arbitrator)\b"
    ),
    r"\bofficial (moderator|support|admin\w*|agent|account|team)\b",
    r"\biqx (support|team|admin\w*|staff|service|help)\b",
    r"[\[(<]? ?\bsystem\b ?[\])>:]",
    r"\bsupport (team|agent|department|desk) (here|speaking|se|of)\b",
    r"\b(minh|toi|em|day|ben minh) la (nhan vien|admin|cskh|ho tro|bo phan|quan tri|ky thuat)",
    r"\b(bo phan|nhan vien|phong) (cskh|ho tro|cham soc)\b",
    r"\b(admin|quan tri|cskh) (cua )?san\b",
    r"\bsoy (de |del |el )?(equipo de )?(soporte|admin\w*|moderador|agente)\b",
    r"\bsou (do |da |o )?(equipe de )?(suporte|admin\w*|moderador|atendente)\b",
    r"\bsaya (dari )?(tim )?(admin|cs|support|dukungan|customer service|petugas)\b",
    r"\bя (из |от )?(службы )?(поддержки|админ\w*|оператор\w*|модератор\w*|саппорт\w*)",
    r"служба поддержки",
    r"我是.{0,6}(客服|管理员|官方|工作人员)",
    r"(平台|官方)客服",
    r"\bdestek ekib\w*",
    r"\bben (bir )?(admin|destek|yetkili)\b",
    r"\bmusteri hizmetleri\w*",
    r"\bsupport (team )?se (hoon|hu|bol)\b",
    r"\bje suis (du |le |un )?(support|admin\w*|moderateur)\b",
    r"\bich bin (vom|der|ein) (support|admin\w*|moderator)\b",
    r"\bako (po )?(ang |si )?(admin|support)\b",
    r"(แอดมิน|เจ้าหน้าที่|ฝ่ายสนับสนุน)(ของ|จาก|ครับ|ค่ะ)",
)

PICTURE_PROOF = (
    r"\bscre+n ?sho+t\w*",
    r"\bscrnshot\b",
    r"\b(see|check|look at|here is) (my|the) (receipt|proof|slip|photo)",
    (
        r"\b(sent|send|sending|attached|uploaded|upload) (you )?(the |my |a )?"
        r"(receipt|proof|slip|photo|picture)"
    ),
    r"\bproof of (the )?(payment|transfer)\b",
    r"\bpayment (proof|slip|photo)\b",
    r"\breceipt (pic|picture|photo|image)\b",
    r"\banh chup\b",
    r"\bchup man hinh\b",
    r"\bbien lai\b",
    r"\b(co|gui|up|xem|day) bill\b",
    r"\bxem anh\b",
    r"\buy nhiem chi\b",
    r"\bcaptura\b",
    r"\bcomprobante\b",
    r"\bcomprovante\b",
    r"\bbukti (transfer|tf|bayar|pembayaran)\w*",
    r"\bekran goruntu\w*",
    r"\bdekont\w*",
    r"скрин\w*",
    r"квитанци\w*",
    r"\bчек (отправил|скинул|прикрепил)\w*",
    r"截图",
    r"截屏",
    r"凭证",
    r"回单",
    r"สลิป",
    r"\bcapture d.ecran\b",
    r"\bbildschirmfoto\b",
    r"\bresibo\b",
    r"स्क्रीनशॉट",
)

THREAT = (
    r"\b(call|tell|inform|go to|to) (the )?(police|cops?)\b",
    r"\bknow where (you|u) live\b",
    r"\b(you|u)( will|.ll)? regret\b",
    r"\bi( will|.ll|m going to|m gonna)? (find|kill|hurt|hunt|beat|sue|destroy) (you|u)\b",
    r"\breport (you|u)\b",
    r"\b(go|end up) (to|in) jail\b",
    r"\bmy lawyer\b",
    r"\b(get|getting) (you |your account )?banned\b",
    r"\bcoi chung\b",
    r"\bbiet nha\b",
    r"\bbao (cong an|canh sat)\b",
    r"\btao (giet|danh|xu|cho may)\b",
    r"\btoi kien\b",
    r"\bkhoa tai khoan (ban|may)\b",
    r"\b(denunciar\w*|policia)\b",
    r"\b(se donde vives|sei onde (voce|vc) mora)\b",
    r"\b(ke|lapor) polisi\b",
    r"\blaporkan kamu\b",
    r"полици\w*",
    r"знаю,? где ты",
    r"报警",
    r"抓你",
    r"弄死",
    r"知道你住",
    r"\bpolis\w*\b",
    r"\bsikayet edece\w*",
    r"\bporter plainte\b",
    r"\bje vais .{0,20}police\b",
    r"\b(polizei|anzeigen|anzeige erstatten)\b",
    r"\bipapapulis\b",
    r"\bpulis\b",
    r"\bpolice (me|mein|ko)\b",
    r"แจ้งความ",
    r"\bnajua unapoishi\b",
)

SHORTENERS = frozenset(
    {
        "bit.ly", "tinyurl.com", "cutt.ly", "t.co", "goo.gl", "is.gd", "ow.ly", "rebrand.ly",
        "shorturl.at", "rb.gy", "s.id", "v.gd", "tiny.cc", "short.io", "bl.ink", "lnkd.in",
        "shope.ee", "soo.gd", "clck.ru", "vk.cc",
    }
)  # fmt: skip
TALKING_SITES = frozenset(
    {"t.me", "wa.me", "telegram.me", "telegram.org", "zalo.me", "m.me", "line.me", "discord.gg"}
)
TOP_LEVELS = frozenset(
    {
        "com", "net", "org", "info", "biz", "io", "app", "dev", "site", "online", "shop", "store",
        "top", "xyz", "club", "vip", "pro", "live", "link", "click", "help", "support", "finance",
        "exchange", "cash", "money", "pay", "bank", "wallet", "cc", "tv", "gg", "page", "web",
        "icu", "win", "bid", "cloud", "space", "website", "tech", "vn", "uk", "de", "fr", "br",
        "mx", "ru", "cn", "jp", "kr", "ng", "ke", "ph", "th", "tr", "es", "pl", "nl", "eu", "us",
        "ca", "au", "hk", "sg", "tw", "zip", "mov", "ly", "gl", "gd",
    }
)  # fmt: skip
"""Endings by which words with dots are taken for addresses."""
TOP_LEVELS_WITH_PATH = TOP_LEVELS | {
    "me", "co", "id", "in", "to", "at", "is", "it", "my", "so", "ee", "ai", "sh",
}  # fmt: skip
"""Endings that are words too: only with something behind them."""
PROGRAMS = (".apk", ".exe", ".scr", ".msi", ".dmg", ".zip", ".rar", ".js", ".bat", ".jar")
BRAND = ("iqx", "1qx", "lqx", "iqex")
"""Our own name, and what is made to look like it: nobody needs to send our address."""
