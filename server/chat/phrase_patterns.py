"""Wider patterns for `server.chat.phrases`: words of one meaning near each other, by language.

Where `server.chat.phrase_rules` has phrases, this has what a phrase is made of: the verb of letting
go near a word of haste, an introduction before an office, the police after a verb of telling.
Folded like those.
"""
# allowed: long-file, it is one list of patterns


def near(first: str, then: str, reach: int = 30) -> str:
    """Two groups of words, the second at most `reach` characters after the first."""
    return rf"\b(?:{first})\b.{{0,{reach}}}?\b(?:{then})\b"


CONTACT = (
    near("what.?s|what is|give me|send( me)?|share|drop|need|have", r"(your|ur) (phone|mobile|cell"
         r"|tel|contact|whats\w*|tg)( number| no)?|phone number", 15),
    r"\b(your|ur) (phone|mobile|cell) number\b",
    (r"\b(call|ring|text|ping|phone) (me|you|him|her|us|this number|at \+?\d)"
    r"\b(?! back to the bank)"),
    r"\bmeet (in person|up|me|face to face)\b",
    r"\b(in person|face to face)\b.{0,25}\b(cash|settle|deal|pay)\b",
    near("take|move|continue|do|finish|make|trade|deal|settle|talk|pay", r"(off|outside|out of"
         r"|without|not on|away from)( of)? (the |this |that )?(app|site|platform|exchange"
         r"|website)"),
    r"\bno need (for|of) (the |this )?(app|site|platform|exchange)\b",
    r"\bskip the fees?\b",
    r"\btg\b(?! *\d)",
    # vi
    r"\b(xin|cho|gui|lay|de lai)\b.{0,14}\b(so dt|so phone|so dien thoai|sdt|so lien lac)\b",
    r"\bso dt\b",
    r"\bgoi (minh|em|toi|anh|ban) (cai|nhe|di|qua so|theo so)\b",
    r"\btele\b(?! ?mart)",
    near("giao dich|trao doi|mua ban|lam viec", "ngoai|ben ngoai|rieng|khong qua san", 18)
    + "(?! duong)",
    # es, pt
    near("dame|mandame|pasame|enviame|comparte|cual es", r"(tu|su|el) (numero|telefono|celular"
         r"|contacto)(?! de (cuenta|tarjeta|orden|operacion|referencia))", 8),
    r"\b(te llamo|llamame|me llamas|llamenme)\b",
    near("passa|manda|envia|me da|qual( e)?", r"(o |seu |teu )+(numero|telefone|celular|contato)"
         r"(?! d[aeo] (conta|pix|pedido|operacao|cartao))", 8),
    r"\b(te ligo|me liga|eu ligo|liga pra mim)\b",
    # ru
    (r"\b(дай|скинь|кинь|напиши|пришли|оставь|дайте|скиньте|пришлите)\b.{0,12}"
    r"\b(номер|телефон|контакт\w*)\b(?! (карт|счет|заказ|перевод|сделк))"),
    r"\b(созвон\w+|позвоню|позвоните|набери меня)\b",
    r"\bтелега\b",
    # zh
    r"[留给发加要].{0,3}(电话|手机号|联系方式)",
    r"打给你|电话联系|打个电话|联系电话",
    r"qq ?[号聊群: ]",
    # id, tl
    r"\b(nomor|nomer|no|nmr) ?(hp|telepon|telp|telpon|ponsel|wa|whatsapp)\w*\b",
    r"\b(saya|aku) (telepon|telpon|call) (kamu|anda|kak)\b",
    r"\b(number|numero) mo\b",
    r"\btatawag\w*\b|\btawagan\b",
    # tr
    (r"(?<!hesap )(?<!kart )(?<!iban )(?<!siparis )\b(telefon )?numaran?\w* (at|gonder|ver|yaz"
    r"|yolla|ne)\b"),
    r"\btelefon(un|unu|unuz\w*| numara\w*)\b",
    r"\b(seni|sizi) (ara\w+)\b",
    # hi, sw
    r"(?<!account )(?<!order )(?<!utr )\b(number|no\.?) (do|de do|dedo|bhej\w*|batao)\b",
    r"\b(call|phone) (kart\w*|karo|kare\w*|karun\w*|kijiye)\b",
    r"\bnamba (yako )?ya simu\b|\bnitakupigia\b",
    # th
    r"เบอร์(โทร|มือถือ)|โทรหา|โทรมา",
    # fr, de
    r"\b(ton|votre) (numero|tel|telephone|portable)\b(?! de (compte|carte|commande))",
    r"\b(appelle|appelez)[ -]moi\b|\bje (t|vous) ?.?appelle\b",
    r"\b(handynummer|telefonnummer|ruf mich an|rufe? dich an)\b",
)  # fmt: skip

_OWN_RELEASE = (
    r"\b(i|we|i.ll|i.m|i am|i will|we.ll|will|to|can|before i|gonna|is|was|been)"
    r"( (will|just|only|always|also|now|already|never|then|can|have|to|going|shall))* ?releas\w*"
)
_VI_LET_GO = "tha|nha|mo khoa|giai phong|release"
_VI_OWN = r"(?<!minh )(?<!toi )(?<!\bem )(?<!se )(?<!dang )"
_EN_HASTE = (
    r"now|right away|immediately|asap|quick(ly)?|fast(er)?|already|first|at once|urgently|instantly"
    r"|this (very )?(minute|second|instant|moment)|hurry|no time|today"
    r"|(with)?in (\d+|a|one|two|three|five|ten) (min\w*|sec\w*|hour)"
)

PRESSURE_UNLESS = (
    _OWN_RELEASE,
    r"\b(no|not in a) (hurry|rush)\b",
    r"\btake your time\b",
    (
        r"\b(when|once|after|as soon as|if) (you|u|i|it|the money|payment) (can )?"
        r"(see|receive|get|check|confirm|got|arrive|show)\w*"
    ),
    r"\b(minh|toi|em) (se |dang |vua )?(tha|nha|release)\b",
    r"\b(saya|aku|kami) (akan |lagi )?(rilis|lepas|release)\b",
    r"收到",
)
"""What makes the same words harmless: the writer speaks of himself, or of no hurry."""

PRESSURE = (
    near("release|unlock|let go", _EN_HASTE),
    r"\brelease (and|then|first|it and) (check|verify|look|wait)\b.{0,6}\b(later|after)",
    (r"\b(going to|gonna|will you|why not|why don.t you|when will you|can.t you)\b.{0,10}"
    r"\brelease\b"),
    r"\brelease\b ?!",
    near("hurry|hurry up|quick(ly)?|be fast|asap|immediately|wast(e|ing) time|come on|fast",
         "release|let go|unlock|send the (coins?|usdt|crypto)", 45),
    r"\b(just|simply|only|please just) (press|click|hit|tap|push)\b.{0,12}\brelease\b",
    r"\b(press|click|hit|tap) (on )?(the )?release\b(?! when)",
    near(r"confirm( the| my)? (receipt|payment|release)", _EN_HASTE, 12),
    (r"\b(do ?n.?t|do not|no need|need not|needn.?t|without|stop|no point|never mind|instead of"
    r"|wast(e|ing) time|why)\b[^.,;!?]{0,22}\b(check|look|wait|verify|watch|stare|refresh)\w*"
    r"[^.,;!?]{0,22}\b(bank|account|balance|app)\b"),
    (r"\brelease\b.{0,12}\b(so that|then|and then|before|or)\b.{0,28}"
    r"\b(complet\w+|arriv\w+|clear\w*|come|comes|goes through|credit\w*|i (cancel|open|report"
    r"|dispute))"),
    near(r"i need (the|my|your) (coins?|usdt|crypto)|need it", "now|urgently|right away|asap", 12),
    r"\bif (you|u) trust me\b",
    # vi
    (rf"{_VI_OWN}\b({_VI_LET_GO})\b.{{0,22}}\b(ngay|nhanh|gap|lien|luon|truoc|le len"
    rf"|giup.{{0,8}}gap)\b"),
    rf"\b(nhanh|gap|le|ngay|lien|nhanh tay|dung de)\b.{{0,18}}\b({_VI_LET_GO})\b(?! (sau|khi))",
    (r"\b(khong can|khong phai|khoi|dung|ko can|khong nen|chang can)\b.{0,8}"
    r"\b(check|kiem tra|xem|ktra|doi)\b.{0,12}(ngan hang|bank|tai khoan|tk|app|sao ke|release"
    r"|tha)?"),
    r"\bxac nhan\b.{0,14}\b(ngay|nhanh|luon|gap|lien|le)\b",
    # es, pt
    (r"\b(liber(a|e|en|ame|eme|alo|ala|alos)|libera(r|do)|suelt[ae](lo|la|los|me)?|solt[ae])"
    r"\b.{0,22}\b(ya|ahora|rapido|primero|de una"
    r" vez|urgente|prisa|agora|logo|ja|primeiro|pressa|imediatamente|inmediatamente)\b"),
    (r"\b(prisa|apura\w*|rapido|anda|vamos|corre|urgente|depressa|vai)\b.{0,14}"
    r"\b(liber[ae]\w{0,2}|suelt[ae]\w{0,2}|solt[ae])\b"),
    r"\bconfirma (ya|ahora|rapido|agora|logo)\b",
    (r"\b(no|nao|sin|sem)\b.{0,14}\b(revis\w+|mir\w+|esper\w+|verifi\w+|comprob\w+|olh\w+|confer\w+"
    r"|chec\w+|ver)\b.{0,8}\b(banco|cuenta|conta|extrato|saldo)\b"),
    # ru
    (r"\b(отпуст(и|ите)|отпуска(й|йте)|подтверд(и|ите)|переведи)\b.{0,25}"
    r"\b(быстр\w*|сейчас|сразу|срочно|скорее|сначала|немедленно|уже)\b"),
    (r"\b(быстр\w*|сейчас|сразу|срочно|скорее|сначала|давай|ну|жд[её]шь|живо)\b.{0,14}"
    r"\b(отпуст(и|ите)|отпуска(й|йте))\b"),
    (r"\b(не|незачем|без)\b.{0,8}\b(провер\w+|жди\w*|ждать|смотр\w+|ожида\w+)\b.{0,8}\b(банк\w*"
    r"|счет\w*)"),
    # zh
    r"(快|赶紧|马上|立刻|立即|赶快|速度|先|直接|分钟内|怎么还不).{0,6}(放币|放行|放)",
    r"(放币|放行).{0,6}(快|赶紧|马上|立刻|吧快|呀)",
    r"(不用|不要|别|无需|不必|没必要).{0,2}(查|看|等到?账|核实|等银行)",
    # id, tl
    (r"(?<!saya )(?<!aku )\b(rilis|lepas(kan|in)?|release)\b.{0,18}"
    r"\b(sekarang|cep[ae]t\w*|secepat\w*|segera|dulu|langsung|buruan|na|agad|ngayon|muna)\b"),
    (r"\b(buruan|cep[ae]t\w*|ayo|segera|langsung|\w*bilis\w*|dali)\b.{0,14}\b(rilis|lepas\w*"
    r"|i-?release|release)\b"),
    (r"\b(tidak|tak|gak|ga|nggak|jangan|tanpa|gausah|huwag|wag|hindi na kailangan)\b.{0,14}"
    r"\b(cek|lihat|tunggu|periksa|check|tingnan)\b.{0,12}\b(bank|rekening|mutasi|saldo|bangko"
    r"|account)\b"),
    # tr
    (r"\b(hemen|cabuk\w*|hizli|once|acele|simdi|haydi|hadi)\b.{0,22}\b(birak(in)?|onayla(yin)?"
    r"|serbest)\b"),
    r"\b(serbest )?birak(in)?\b.{0,14}\b(hemen|cabuk|hizli|acele|simdi|once)\b",
    r"\b(banka\w*|hesab\w*)\b.{0,14}\b(bakma\w*|kontrol etme(?!k)\w*|bekleme\w*|gerek yok)\b",
    # hi, sw
    r"\b(jaldi|turant|abhi|pehle|fatafat)\b.{0,20}\b(release|chh?o[dr]\w*)\b",
    r"\b(release|chh?o[dr]\w*)\b.{0,14}\b(jaldi|turant|abhi|pehle)\b",
    r"\b(bank|account|khata)\b.{0,10}\b(check|dekh\w*)\b.{0,14}\b(mat|nahi|zaroorat|jarurat)\b",
    r"\b(achilia|toa)\b.{0,12}\b(sasa|haraka|kwanza)\b|\b(haraka|sasa)\b.{0,8}\bachilia\b",
    r"\busi(angalie|subiri|kague)\b",
    # th
    r"ปล่อย.{0,12}(ก่อน|เลย|ด่วน|เดี๋ยวนี้|เร็ว)|(รีบ|เร็ว|ด่วน).{0,10}ปล่อย",
    r"ไม่ต้อง(เช็ค|เช็ก|ดู|รอ|ตรวจ)",
    # fr, de
    r"\b(liber(e|ez|er))\b.{0,20}\b(maintenant|vite|tout de suite|d.abord|immediatement)\b",
    r"\b(depeche\w*|vite|allez|maintenant)\b.{0,14}\bliber(e|ez|er)\b",
    (r"\b(pas besoin|sans|inutile|ne)\b.{0,10}\b(verifi\w+|regard\w+|attend\w+|consult\w+)\b.{0,12}"
    r"\b(banque|compte)\b"),
    r"\b(sofort|jetzt|schnell|beeil\w*|zuerst|gleich|los)\b.{0,22}\b(frei(geben|gabe)?|gib)\b",
    r"\bgib\b.{0,18}\b(sofort|jetzt|schnell|endlich)?.{0,8}\bfrei\b(?!geben)",
    r"\b(bank|konto)\b.{0,12}\bnicht\b.{0,8}\b(pruf\w+|schau\w+|anseh\w+|wart\w+|check\w*)\b",
)  # fmt: skip

_OFFICE = (
    r"(support|admin\w*|moderators?|customer (service|care|support)|help ?(desk|team)|service desk"
    r"|compliance|security (team|department|desk)|arbitrator|mediator|(exchange|platform) team"
    r"|platform|exchange|operations team|staff|risk (team|department)|iqx"
    r"|(dispute|support|service|official) (agent|officer|manager|team|specialist|representative))"
)
_FILLERS = (
    r"((from|the|an?|your|our|of|with|part|member|working|for|in|at|on behalf|platform.?s?|site.?s?"
    r"|iqx|exchange.?s?|trading|official|customer|senior|chief|online|live|dispute|this|main"
    r"|employee"
    r"|representative|agent|officer|manager|worker|team|technical) )*"
)

PRETENDS_STAFF = (
    (rf"\b(i ?am|i.m|this is|we are|here is|it.s|you are (talking|speaking|chatting) (to|with)|as"
    rf"|i (work|speak|act) (for|in|at|with)|i represent|on behalf of|my name is \w+,?|this is \w+,?"
    rf"|handled by|approved by|verified by) {_FILLERS}(iqx )?"
    rf"{_OFFICE}\b(?!.{{0,12}}\b(told|said|ticket|chat bot)\b)"),
    (rf"\b(message|notice|notification|greetings|hello|regards|announcement|belongs) (from|to)"
    rf" {_FILLERS}(exchange.?s )?{_OFFICE}\b"),
    (r"^\W*(iqx |official |platform |exchange |customer )*(support|admin\w*|moderator|compliance"
    r"|help ?desk"
    r"|security|customer service|arbitrat\w+)( (team|department|desk|office|agent))?"
    r"( here| speaking| \w+ here)? ?[:!\]-]"),
    (r"^\W*(\w+ )?(admin\w*|moderator|support|help ?desk|compliance|customer (service|care))"
    r"( (team|agent|desk|officer|department))?( \w+)? (here|speaking)\b(?! is)"),
    r"\biqx (compliance|security|risk|official|moderat\w+|arbitrat\w+|department|legal)\b",
    r"[\[(<*] ?(system|admin\w*|support|moderator|official|security|staff)\b",
    (r"\bour (team|department|system|office|staff) (has|have|is|will) (\w+ )?(lock|verif|suspend"
    r"|review"
    r"|freez|froze|check|flag|confirm|block)\w*"),
    (r"\byour (trade|account|order|funds) (is|are|has been|was|have been|will be) (\w+ )?"
    r"(under review|locked|suspended|restricted|flagged|verified by)\b"),
    # vi
    (r"\b(minh|toi|em|day|ben minh|chung toi|ben em)( day)? (la|ben|thuoc|tu) (\w+ ){0,2}?"
    r"(nhan vien|admin|quan tri\w*|cskh|ho tro|bo phan|ky thuat|kiem duyet\w*|dieu hanh|moderator"
    r"|trong tai|ban quan tri)\b"),
    r"\bthong bao (tu|cua) (he thong|san|admin|ban quan tri|iqx)\b",
    (r"\b(minh|toi|em|ben minh|chung toi)( day)? (lam (ben|o|cho|viec)|dai dien( cho)?)\b.{0,22}"
    r"\b(san|iqx|ho tro|ky thuat|bo phan)\b"),
    r"\bdoi ngu (ho tro|cskh|iqx)\b|\b(nhan vien|ban quan tri) (san|iqx|cua san)\b",
    r"^\W*(he thong|admin|ban quan tri|cskh|bo phan ho tro)( iqx| san)? ?:",
    r"\b(bo phan|nhan vien|phong|tong dai) (cskh|ho tro|cham soc|kiem duyet|bao mat)\b",
    # es, pt
    (r"\b(soy|somos|le habla|les habla|le escribe|habla|aqui|sou|aqui e"
    r"|aqui fala|quem fala e|falo|hablo|le atiende|en nombre|em nome|habla con|fala com|trabajo"
    r"|trabalho)"
    r" ((el|la|los|del|de|un|una|o|a|do|da|equipo|equipe|centro|departamento|su|seu|em nome"
    r"|en nombre|para|no|na|en) )*"
    r"(soporte|suporte|admin\w*|moderador\w*|agente|operador\w*|servicio al cliente"
    r"|atencion al cliente|asistencia|mediador|arbitro|atendente|atendimento|seguridad"
    r"|seguranca)\b"),
    r"\b(equipo|equipe|departamento) (oficial )?de (soporte|suporte|seguridad|seguranca|iqx)\b",
    # ru
    (r"\b(я|это|мы|пишет|вам пишет|с вами( говорит)?|говорит|на связи|вас беспокоит) ((из|от|ваш"
    r"|ваша|служб[аы]|ваш"
    r"|отдел\w*) )*(поддержк\w*|админ\w*|оператор\w*|модератор\w*|саппорт\w*|техподдержк\w*"
    r"|арбитр\w*|сотрудник (биржи|поддержки|площадки))"),
    r"\bадминистраци[яи] (биржи|площадки|платформы|сервиса|iqx)",
    r"^\W*(администрация|поддержка|техподдержка|модерация|служба безопасности) ?[:,]",
    # zh
    r"(我是|这里是|我们是|本人是|这边是|我代表|您好,).{0,8}(客服|管理员|官方|工作人员|仲裁|审核员)",
    r"(官方|平台|系统)(客服|通知|提示|提醒)",
    # id, tl
    (r"\b(saya|kami|ini|aku)( adalah)?( dari)?( tim| pihak| bagian)? (platform|pengelola|admin\w*"
    r"|cs|support|dukungan"
    r"|customer service|petugas|moderator|operator|layanan pelanggan)\b"),
    (r"\b(ako|kami|ito|dito)( po)?( ang| si| ay| mula sa| sa)* (admin\w*|support|moderator"
    r"|customer service)\b"),
    # tr
    (r"\b(ben|biz|burasi) (\w+ )?(admin\w*|destek\w*|yetkili\w*|moderator\w*|yonetici\w*"
    r"|musteri (hizmet|temsilci)\w*|guvenlik)"),
    r"\b(musteri hizmetleri|destek|platform|borsa)\w*(nden|ndan|den|dan) (ariyor|yaziyor)\w*",
    r"\b(ben|biz)\b.{0,14}\b(yetkili|gorevli|calisan)\w*",
    (r"\b(admin|destek|moderator|yonetici|yetkili|musteri temsilcisi|destek ekib)(im|yim|iyim"
    r"|iyiz|indenim|yiz)\b"),
    # hi, sw
    (r"\b(main|mai|hum|ye|yeh)\b.{0,14}\b(admin|support|customer care|moderator|helpline)\b.{0,10}"
    r"\b(hoon|hu|hun|hain|bol\w*|se)\b"),
    r"\b(mimi ni|sisi ni|hapa ni|huyu ni)\b.{0,10}\b(admin|msimamizi|huduma|msaada|support)\b",
    # th
    r"^\W*(แอดมิน|เจ้าหน้าที่|ฝ่ายบริการ|ทีมงาน|ฝ่ายสนับสนุน)",
    r"(ผม|ฉัน|ดิฉัน|เรา)(เป็น|คือ)(แอดมิน|เจ้าหน้าที่|ทีมงาน)",
    # fr, de
    (r"\b(je suis|nous sommes|ici|c.est) ((le|la|du|de|un|une|votre|notre|agent|membre|l)"
    r"( |.))*"
    r"(support|admin\w*|moderat\w*|service (client|technique|clientele)|equipe|assistance)\b"),
    (r"\b(ich bin|hier ist|wir sind|hier spricht|hier schreibt|ich arbeite) ((fur|beim|im|den|vom"
    r"|der|die|das|ein|eine|ihr) )*"
    r"(support|admin\w*|moderator\w*|kundendienst|kundenservice|kundensupport|sicherheitsteam)\b"),
)  # fmt: skip

_SHOWN = (
    r"see|look(ing)?|check|sent|send(ing)?|attach\w*|upload\w*|post(ed|ing)?|here.?s|here is"
    r"|here are"
    r"|view|above|shar(e|ed|ing)|show(s|ed|n|ing)?|open|below|in (the|this) chat|believe"
)
PICTURE_PROOF = (
    near(r"pics?|pictures?|photos?|images?|scans?|snapshots?", r"payment|transfer|transaction"
         r"|receipt|bank|money|paid|deposit|sent|slip|proof"),
    near(r"payment|transfer|transaction|receipt|bank|money|paid|deposit|slip|proof",
         r"pics?|pictures?|photos?|images?|scans?|snapshots?"),
    near(_SHOWN, r"(receipt|slip|proof|picture|photo|pic|image)", 22),
    near(r"(receipt|slip|proof)", r"attached|above|below|uploaded|sent|in (the|this) chat", 22),
    # vi
    r"\b(anh|hinh) (chup|bill|giao dich|chuyen|hoa don|bien lai|man hinh|thanh toan|sao ke)\b",
    r"\bhoa don (chuyen|thanh toan|giao dich|ngan hang)\b",
    r"\bchup (lai|man hinh|hinh|bill|hoa don|giao dich)\b",
    (r"\b(xem|gui|up|dang|kem|day la|tren|thay)\b.{0,10}\b(bill|anh|hinh|hoa don|bien lai)"
    r"\b(?! (oi|chi))"),
    # es, pt
    (r"\b(foto|imagen|imagem|captura|pantallazo|print|capture)\b.{0,20}\b(pago|pagamento|recibo|"
    r"transferencia|deposito|comprobante|banco|tela|pix)\b"),
    (r"\b(te |le )?(mand[eo]\w*|envi[eo]\w*|adjunt\w+|mir[ae]\w*|aqui|ahi|segue|olh[ae]"
    r"|sub[ií]\w*|va)\b.{0,16}"
    r"\b(foto|pantallazo|captura|print|imagem|imagen|(el|un|mi|o|meu) recibo)\b"),
    r"\bpantallazo\b",
    # ru
    (r"\b(фото\w*|снимок|картинк\w*|скан\w*)\b.{0,14}\b(чек\w*|перевод\w*|плате\w*|оплат\w*"
    r"|квитанц\w*)"),
    (r"\b(отправ\w*|скину\w*|прикреп\w*|прилож\w*|смотри\w*|вот|глянь\w*)\b.{0,12}\b(чек|фото"
    r"|скан|скрин)\b"),
    r"\bчек\w*\b.{0,12}\b(отправ\w*|скину\w*|прикреп\w*|прилож\w*|выше|в чате)",
    # zh
    r"(付款|转账|交易|支付|银行).{0,3}(图|照片)",
    r"(图片|照片|图).{0,4}(发|传|上传)|看(图|照片)",
    # id, tl
    r"\bstruk\w*\b|\bbukti\b.{0,12}\b(transfer|tf|bayar|kirim|pembayaran)\w*",
    r"\b(foto|gambar|ss)(nya)?\b.{0,18}\b(transfer|kirim|struk|bayar|upload|bukti)\w*",
    r"\b(lihat|kirim|cek)\b.{0,10}\b(foto|gambar)\w*\b",
    r"\b(litrato|larawan|resibo)\b",
    # tr
    r"\bmakbuz\w*\b",
    r"\b(odeme|havale|transfer|islem|banka)\w*\b.{0,10}\b(foto\w*|resim\w*|resm\w*|goruntu\w*)",
    r"\b(foto\w*|resm\w*|resim\w*)\b.{0,10}\b(attim|gonderdim|yolladim|yukledim)\b",
    # hi, sw
    r"\b(raseed|rasid|photo)\b.{0,14}\b(bhej\w*|dekh\w*|payment|bheji)\b",
    r"\b(risiti|stakabadhi)\b|\bpicha\b.{0,10}\b(malipo|risiti|muamala)\b",
    # th
    r"(รูป|ภาพ)(สลิป|โอน|การโอน|หน้าจอ|ใบเสร็จ)|หลักฐานการโอน",
    # fr, de
    (r"\b(voici|regarde\w*|joint\w*|envoy\w*|photo)\b.{0,16}\b((le|un|du|mon) recu|photo|image"
    r"|preuve"
    r"|justificatif)\b"),
    r"\bjustificatif\b|\bphoto du (recu|virement|paiement)\b",
    r"\b(beleg\w*|quittung\w*)\b",
    r"\b(foto|bild)\b.{0,14}\b(uberweisung|zahlung|quittung)\b",
)  # fmt: skip

_WILL_I = (
    r"\b(i|we|my \w+|he|they)( ?.ll| will| am going to|.m going to| gonna| can| shall| must)? ?"
)
THREAT = (
    near(r"call\w*|tell\w*|inform\w*|go(ing)? to|report\w*|fil(e|ing)|contact\w*|complain\w*|to",
         r"police|cops?|fbi|authorities|court|interpol", 20) + r"(?! station)",
    r"\bpolice (report|complaint|case)\b",
    r"\b(police|cops?)\b.{0,16}\b(coming|at your|on (their|the) way|will|are after|find)\b",
    r"\b(friends?|people|brothers?|guys|boys) in the (police|army|force)\b",
    r"\b(get|have|getting|see) (you|u|ya) (arrested|locked up|jailed|killed|beaten)\b",
    r"\b(you|u)( are|.re|r)? (dead|finished|done for|a dead man)\b",
    (r"\b(i.m|i am|we.re|we are|they.re)( \w+)? (coming|looking|coming over) (for|to|after) (you"
    r"|u)\b"),
    (r"\b(break|cut|burn|smash|shoot)\b.{0,6}\byour\b.{0,6}\b(legs?|arms?|hands?|face|neck|head"
    r"|house|car)\b"),
    r"\bruin your\b|\bwhat i can do to (you|u)\b|\bor else\b",
    r"\b(you|u|you.ll|you.re|ur)\b.{0,24}\b(jail|prison|arrested|behind bars)\b",
    (rf"{_WILL_I}(\w+ )?(find|hunt|kill|hurt|beat|sue|destroy|ruin|expose|visit|come for"
    rf"|deal with|get)"
    r" (you|u)\b(?! (the|some|a|another|more|back))"),
    r"\bor i.{0,3}( will| ll)? (hurt|beat|kill|find|come|sue|report|ban)\b",
    r"\bcome to your (house|home|door|place|office|shop)\b",
    r"\bknow (where|your (home|house|address|family|face))\b.{0,12}\b(live|lives|stay|work)?",
    r"\b(have|got) your (\w+ and )?(home )?address\b",
    r"\b(you|u)( will|.ll|.re gonna)? (be sorry|regret|pay for (this|it|that))\b",
    r"\bwatch (your|ur) back\b",
    r"\b(lawyer|attorney|legal action|lawsuit)\b",
    r"\b(sue|suing) (you|u)\b|\bsee you in court\b",
    r"\b(i|i.ll|we)\b.{0,26}\b(banned|lose your account|your account (closed|banned|blocked))\b",
    # vi
    (r"\b(tao|toi|minh|anh|tui)\b.{0,14}\b(giet|danh chet|danh may|xu may|chem|dap|kien (ban|may"
    r"|ra)|"
    r"to cao|tim ra|(toi|den)( tan)? nha|tim (den|may|ban|nha)|cho nguoi)\b"),
    r"\bmay\b.{0,14}\b(chet|tra gia|no don|biet tay|an don|khong yen|bi danh|xong doi)\b",
    r"\b(bao|len|to cao|goi|trinh|dua|gap|kien)\b.{0,10}\b(cong an|canh sat|ra toa|toa an)\b",
    r"\b(lieu hon|hoi han|biet (cho )?may|biet nha|biet dia chi)\b",
    # es, pt
    r"\b(denunci\w+|demandar\w*|arrepent\w+|arrepend\w+|abogad\w+|advogad\w+|carcel|cadeia)\b",
    r"\b(se|sabemos|sei|sabemos) (donde|onde) (vives|trabajas|voce mora|vc mora|tu mora|mora)\b",
    (r"\b(voy|ire|vamos|vou|irei)\b.{0,12}\b(buscarte|encontrarte|tu casa|por ti|atras de (voce"
    r"|vc|ti)"
    r"|te (matar|achar|encontrar|processar|pegar)|sua casa|matarte|golpearte)\b"),
    r"\bte (voy|vamos) a (encontrar|buscar|matar|golpear|partir|romper|demandar|hundir)\b",
    r"\b(vas|va|voce vai|vc vai|vai|me las vas) a? ?pagar (por|caro)\b|\bme las (vas a )?pagar\w*",
    r"\b(polici[ao]s?)\b",
    # ru
    (r"\b(в суд|судиться|засужу|пожалее\w+|адвокат\w*|тюрьм\w+|сядешь|посадят|заявление на (тебя"
    r"|вас))\b"),
    (r"\b(тебя|вас|тебе)\b.{0,8}\b(найд\w+|убь\w+|посаж\w+|закопа\w+|достан\w+|конец)\b|\b(найду"
    r"|найдем|убью|достану)"
    r" (тебя|вас)\b"),
    (r"\b(жди|вызову|вызвал|вызываю) (полици\w+|участков\w+|гостей)\b|\bтебе (не жить|крышка)\b"
    r"|\bты (труп|покойник|ответишь)\b|\bзаявлени\w+ в полици\w+"),
    r"\b(разберусь|разбер[её]мся) с (тобой|вами)\b|\bприед(у|ем)\b.{0,12}\b(тебе|домой|тобой)\b",
    # zh
    r"报警|报案|起诉|告你|法院|坐牢|律师|去找你|找到你|要你(命|好看)|让你.{0,3}好看|找上门|你等着|后悔|弄死|打死|知道你.{0,2}(家|住)",
    # id, tl
    (r"\b(polisi|(di)?penjara(kan)?|pengacara|menyesal)\b|\bawas (ya |aja )?(kamu|kau|lu|lo"
    r"|kalian)\b"),
    r"\b(bunuh|hajar|habisi|cari) (kamu|lu|kau|lo)\b",
    r"\b(tahu|tau) (rumah|alamat|tempat tinggal)\w*\b",
    r"\b(saya|aku|gue)\b.{0,10}\b(cari|bunuh|hajar|tuntut|habisi) (kamu|lu|kau|anda)\b",
    (r"\bipapa(pulis|kulong|huli)\w*|\b(idedemanda|kakasuhan|pagsisisihan|makukulong)\w*\b"
    r"|\balam ko (kung )?saan ka\b|\bpapatayin\b|\bisusumbong\b|\bmay kalalagyan ka\b"),
    # tr
    r"\b(mahkeme\w*|savcilig\w*|avukat\w*|hapis\w*|hapse)\b|\bpisman (ol|ed)\w*",
    (r"\b(seni|sizi) (bulur\w*|bulac\w*|oldur\w*|dov\w*|bitir\w*|yakala\w*)\b|\bev(ini"
    r"|inizi) biliyor\w*"
    r"|\bhesabini (vereceksin|soracagim|sorarim)\b|\bsavci\w*"),
    # hi, sw
    (r"\b(thana|thane|vakeel|pachta\w+)\b|\b(chhod|chod)unga nahi\b|\bnahi (chhod|chod)unga\b"
    r"|\bdekh lunga\b|\bmaar (dunga|dalunga|daloonga)\b|\b(jail|andar) (bhej\w*|bhij\w*|karwa\w*)"
    r"|\bpolice\b.{0,8}\b(report|complaint|shikayat|case)\b"),
    (r"\b(polisi|mahakamani?|jela|utajuta)\b|\bnita(kuua|kutafuta|kushtaki|kufunga)\b"
    r"|\bnajua (unapo|unako|nyumba)\w*"),
    # th
    r"โรงพัก|ติดตาราง|เอาเรื่อง|ตำรวจ|ฟ้องคุณ|ฟ้องร้อง|ติดคุก|ฆ่า|รู้.{0,6}(บ้าน|ที่อยู่)",
    # fr, de
    (r"\b(plainte|tribunal|avocat|regretter\w*|prison)\b|\bou (tu|vous) (habit\w+|viv\w+)\b"
    r"|\bte (tuer|retrouver|poursuivre|faire payer)\b|\b(tu vas"
    r"|vous allez) (me )?(le )?payer (pour|cher)\b"
    r"|\b(appel\w+|voir|prevenir|va\w*) .{0,6}la police\b"),
    (r"\b(anwalt|verklag\w+|bereuen|gefangnis|knast|anzeige gegen)\b|\bzeige (dich|sie)"
    r"\b.{0,8}\ban\b"
    r"|\bwo (du|sie) wohn\w+|\b(finde|kriege) dich\b|\bgericht\b"),
)  # fmt: skip
