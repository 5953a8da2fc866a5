"""Words by which the press of many languages speaks to its readers, and words that say nothing of a line's subject."""

from __future__ import annotations

from functools import lru_cache

import re2

from .matching import single_pass

_EDGE, _END = r"(?:^|[^\pL])", r"(?:[^\pL]|$)"
# Who speaks to whom, in the press's languages. A pronoun that is a common word of another language ("je" is "I" in
# French and "is" in Czech, "os" is "the" in Portuguese) counts beside words of its own language only.
YOU = (
    _EDGE + r"(?:you|your|yours|you're|you'll|you've|dein[enmrs]{0,2}|dir|euch|votre|vos|toi|usted|ustedes|tuyo|tus?"
    r"|você|vocês|te va a|jij|jouw|jullie|uw"
    r"|(?:aan|dat|waar|wat|hoe|op|naar|voor|met|van|bij|ben|kan|wil|heb|als|mag) je"
    r"|ditt|dine|dina|deg|dig|tuo|tua|tuoi|ti|vostr[oaie]|twój|twoj[ea]|cię|wam|ваш\pL*|вы|вам|вас|тебе|тебя|твой|sinun"
    r"|sinulle|teie|vám|vás|váš|vaše|sana|sizin|anda|kamu|bạn|σας|εσάς)"
    + _END
    + "|"
    + _EDGE
    + r"(?:(?:seu|sua) (?:e-?mail|caixa de|opini|comentári|assinatura|senha|navegador|inscri|privacidade|prefer)"
    r"|te (?:puede|interes|gusta|recomend|invit|cuent|contamos|ofrec|ayud|mostr|propon|damos|pierd|explic|enviar|avis)"
    r"|(?:meld|schrijf|abonneer|kun|krijg|weet|lees|ontvang|mis) je "
    r"|je (?:eigen|hebt|kunt|bent|inbox|mail|e-?mail|account)"
    r"|din (?:e-?post|e-?mail|mail|inbox|inkorg|innboks|indbakke|telefon|mobil|hverdag|vardag|kommun|region|konto"
    r"|profil|browser|webbläsare|nettleser|mening|kommentar|adress))"
    r"|(?:[^\pL-]|^|(?:[^d]|[^n]d)ez-|(?:êtes|dites|faites)-)vous"
    + _END
    + r"|あなた|皆さん|您|당신|여러분|आप|לך|לכם|شما|لك(?:[^\pL]|$)|لكم"
    r"|[^.!?:\"] (?-i:Sie|Ihnen|Ihre?[nrms]?)" + _END + r"|(?:^|[.!?:] )(?-i:\p{Lu}\p{Ll}+en|Sind) (?-i:Sie)" + _END
)
WE = (
    _EDGE + r"(?:our|ours|(?-i:us|Us)|we|we're|we'll|unser[enmrs]{0,2}|uns|wir|notre|nous|nuestr[oa]s?|noss[oa]s?|onze"
    r"|nostr[oaie]|наш\pL*|нас|нам|vår|vårt|våra|våre|vores|vore|oss"
    r"|(?:til|med|fra|hos|af|om|på|følg|støt|kontakt|giv) os"
    r"|nasz\pL*|(?:do|dla|u|od|wspieraj|obserwuj|śledź|polub|wesprzyj|pratite|za|z) nas|nam|náš|naše|nám|meidän"
    r"|bizim|kami|chúng tôi|μας)"
    + _END
    + "|"
    + _EDGE
    + r"nos (?:newsletter|infolettre|lettres|lect|abonn|articles|journalistes|offres|partenaires|r[ée]seaux|colonnes"
    r"|[ée]quipes|archives|podcasts|vid[ée]os|dossiers|actualit|appli|conseils|s[ée]lections|meilleur|r[ée]dact)"
    r"|-nos|当社|本紙|弊社|我们|我們|本报|본지|우리"
)
# What a pitch offers, in the press's languages: something free, by mail, by the month, in the comments, in the app.
OFFER = (
    _EDGE
    + r"(?:free|inbox|e-?mails?|newsletters?|subscri\pL+|donat\pL+|sign up|a month|per month|comments?|app|podcast"
    r"|readers|reporters|journalism|newsroom"
    r"|advertis\pL+|this (?:article|story|page|site|website)|kostenlos\pL*|gratis|postfach|abonn\pL+|monatlich"
    r"|kommentar\pL*|redaktion|leser\pL*"
    r"|gratuit\pL*|boîte mail|lettre|rédaction|commentaires?|lecteurs|suscr\pL+|correo|boletín|comentarios"
    r"|redacción|lectores|al mes|carta"
    r"|iscri\pL+|commenti|redazione|lettori|al mese|socio|assin\pL+|comentários|redação|leitores|de graça|por mês"
    r"|aanmeld\pL*|reacties|redactie|lezers"
    r"|per maand|nieuwsbrief|za darmo|bezpłatn\pL+|komentarz\pL*|redakcj\pL+|czytelni\pL+|nyhetsbrev\pL*"
    r"|nyhedsbrev\pL*|prenumer\pL+|läsare|lesere|læsere"
    r"|бесплатн\pL*|рассылк\pL+|комментари\pL+|редакци\pL+|читател\pL+|подпис\pL+|підпис\pL+|безкоштовн\pL+|zdarma"
    r"|odběr\pL*|komentář\pL*|redakc\pL+"
    r"|ingyen\pL*|hírlev\pL+|ilmai\pL+|uutiskirj\pL+|ücretsiz|bülten\pL*|δωρεάν)"
    + _END
    + r"|無料|登録|会員|メール|コメント|免费|免費|订阅|訂閱|评论|무료|구독|댓글|مجان|اشترك|תגובות|חינם|रजिस्टर|मुफ्त"
)
# Verbs by which the press says who said what.
SPEECH = (
    _EDGE
    + r"(?:said|says|saying|told|tells|asked|added|adds|wrote|writes|explained|explains|recalled|joked|according to"
    r"|warned|warns|urged|urges|tell us|announced|insisted|argued|claimed|admitted|noted|replied|shouted|promised"
    r"|suggested|complained|remembers|mahnte|warnte|forderte|rief|riet|erinnert sich|opfordrede|advarede|oppfordret"
    r"|uppmanade|varnade"
    r"|призова|каза|заяви|обясни|vyzval\pL*|prosil\pL*|varoval\pL*|apelował\pL*|ostrzegł\pL*|waarschuwde|avvertì|esortò"
    r"|advirtió|pidió|pediu|alertou|prévient|a prévenu|uyardı|istedi"
    r"|sagte|sagt|sagten|erklärte|erklärt|erzählt|erzählte|berichtet|schrieb|schreibt|meinte|meint|fragte|betont|betonte"
    r"|laut|zufolge|dit|disait|explique|expliqué|raconte|raconté|affirme|affirmé|ajoute|ajouté|estime|confie|selon"
    r"|dijo|dice|explicó|explica|contó|cuenta|aseguró|asegura|afirmó|afirma|añadió|según|disse|diz|contou|conta|afirmou"
    r"|segundo|explicou|detto|ha spiegato|spiega|racconta|ha raccontato|afferma|secondo|zei|zegt|vertelt|vertelde|aldus"
    r"|volgens|powiedział|powiedziała|mówi|twierdzi|dodał|dodała|według|sade|säger|berättar|enligt|sier|sa|ifølge|siger"
    r"|sagde|fortæller|sanoo|sanoi|kertoo|kertoi|totesi|mukaan|řekl|řekla"
    r"|říká|uvedl|uvedla|podle|mondta|szerint|a spus|spune|potrivit"
    r"|сказал\pL*|говорит|говорят|рассказал\pL*|заявил\pL*|сообщил\pL*|отметил\pL*|попросил\pL*|пояснил\pL*|по словам"
    r"|каже|сказав|сказала|розповів|розповіла|повідомив|dedi|diyor|söyledi|anlattı|belirtti|kata|ujar|ucap|tutur|menurut"
    r"|nói|cho biết|chia sẻ rằng|είπε|λέει|δήλωσε|σύμφωνα με)"
    + _END
    + r"|と話す|と語る|と話した|と語った|によると|と述べた|说[:，道“]|表示[:，]|称[:，]|介绍说|說[:，]"
    r"|라고 (?:말|밝|전|설명)|다고 (?:말|밝|전|설명)"
    r"|कहा|बताया|কহেন|বলেন|বলেছেন|قال|قالت|وأضاف|أوضح|صرح|گفت|می‌گوید|אמר|אמרה|סיפר|לדברי"
)


@lru_cache(maxsize=1)
def voices() -> re2.Set:
    """Who speaks in a line: one to the reader (0), the outlet of itself (1), an offer (2), a reported voice (3)."""
    return single_pass((YOU, WE, OFFER, SPEECH))


# What teasers promise: it could, it will, the most, the only, this one, everybody does.
PROMISES = frozenset(
    """could might may will should must never ever every everyone nobody most best worst biggest only simple secret
    trick these this könnte sollte wirklich jeder niemand diese dieser dieses pourrait vraiment ce cette podría
    realmente este esta potrebbe davvero questo questa poderia kan echt deze może ten ta kunne denne dette это
    эти может
    """.split()
)
# What a paragraph begins with that goes on with the one before it.
GOES_ON = frozenset(
    """he she they it but and his her their its him them however meanwhile still yet so then instead also that these
    those this both neither er sie es aber doch und das dies diese dieser dieses denn dennoch sein seine ihr
    ihre dort dabei auch il elle ils elles mais et ce cette ces son sa ses leur leurs pourtant puis or él ella
    ellos ellas pero y su sus ese esa esto eso aun así lui lei loro ma e ed suo sua ele ela eles elas mas porém
    seu isso hij zij ze maar en zijn haar hun die dat daar toch on ona oni ale i jego jej ich to jednak han hon
    hun de men och og hans hendes hennes det den där der hän he mutta ja hänen se on ona oni ale a jeho její ő
    és de azonban el ea ei dar și он она они но и а это его её их при того він вона вони але та це його її bu o
    ama ancak ve onlar dia ia mereka tetapi namun dan itu ông bà anh họ nhưng và αυτός αυτή αλλά και όμως
    """.split()
)
OTHER_PROMISES = ("won't", "can't", "don't", "det här")
# Articles, auxiliaries, prepositions, conjunctions, pronouns of the press's languages. Prose has many of them,
# headlines, labels and menus have few: jusText's measure (Pomikálek 2011).
STOPWORDS = frozenset(
    """the a an der die das den dem des ein eine einen einem einer le la les une du el los las il gli uno het een det
    ett az egy is are was were be been being has have had does did will would can could may might should must isn't
    wasn't don't doesn't didn't won't ist sind war waren hat haben hatte hatten wird werden wurde wurden kann können
    soll sollen est sont était étaient ont avait été sera seront peut es son fue fueron era eran ha han había está
    están será è sono erano hanno aveva stato stata foi foram são estão tem é zijn heeft hebben wordt worden werd är
    var har hade blir blev er havde on oli ovat olivat jest są był była było byli je jsou byl byla bylo был была
    были есть будет е са беше είναι ήταν έχει of to in at by for with from as and or but not that which who than
    into over after before about between during against under he she it they we his her their its this these those
    there when where while if because so also von zu im am auf mit für bei nach aus über unter vor gegen und oder
    aber nicht dass sich sie wie als wenn weil auch nur noch um zum zur vom beim de à au aux en dans sur par pour
    avec sans sous entre et ou mais ne pas que qui elle ils se ce cette ces sa ses leur plus al del con por para sin
    sobre y e o pero no su sus más como di da nel nella per tra fra ma non che si suo sua più dal della dei degli
    delle na em com do dos mas não seu van op met voor bij uit onder maar niet dat zich ook nog naar door om te i på
    av för med till från efter och men inte att som sig af til eller ikke og ei ja mutta että joka w z od po za
    przez dla przy ale nie że się v pro při že в на с по к от из за для о у и а но не что как это és hogy nem meg
    már csak volt lesz ezt azt mint szerint után în cu pe și nu ai din care este sunt fi fost va să mai prin după ve
    bir bu için ile mi daha çok gibi olarak olan olduğu ama şu kadar sonra ke dari yang dan untuk dengan pada ini
    itu adalah tidak akan oleh juga dalam sebagai telah sudah bisa của và là có trong cho với được không các một
    những đã sẽ này đến từ người khi vào ra về để bị như cũng που και να για με από στο στη στην στον των τον την
    της του τα οι ότι δεν θα σε μια ένα ένας μας τους αυτό ως αλλά ή з до від про що як і й та але це є був була
    були буде його її їх він вона вони ми при під над після або чи да се ще че като със във към или го му я ги ни
    този тази това u s bi će koji koja koje što kako ali ili iz biti bio bila ir un uz ar kas bet arī pēc līdz iš į
    apie kad už nuo yra buvo see ka oma mis kui ning aga või å seg c'est qu'il qu'elle d'une d'un s'est n'est l'on
    j'ai
    """.split()
)
# Function words of four letters and more: they stand in every article and say nothing of a shared subject.
FUNCTION_WORDS = frozenset(
    """about after again also another around because been before being between both came come could does doing done
    down during each even ever every from gets give going have having here into just know last less like made
    make many might more most much must need never next only other over really said same says should since some
    still such take than that their them then there these they thing think this those through time under until
    very want well were what when where which while will with without would year years your first aber alle
    allem allen aller alles also andere anderen auch beim bereits damit dann dass dein deine denn deren dessen
    dich diese diesem diesen dieser dieses doch dort durch eine einem einen einer eines etwa etwas euch euer für
    ganz gegen geht gibt haben hatte hier immer ihre ihrem ihren ihrer jetzt kann kein keine können machen mehr
    mein muss nach nicht noch oder ohne schon sehr sein seine seinen seiner seit sich sind soll über unter viel
    vier vom wann warum weil weiter welche wenn werden wieder will wird wurde zwei zwischen ainsi alors après
    aussi autre autres avait avant avec avoir cela cette ceux chez comme comment dans depuis deux dire donc elle
    elles encore entre était être fait faire leur leurs lors mais même moins nous parce pendant peut plus
    plusieurs pour pourquoi quand quel quelle sans sera seront sont sous sur tous tout toute toutes très trois
    vers voici votre vous ante antes aquí como cómo con contra cual cuando cuándo desde después donde dónde dos
    ella ellos entre era esta está estaba estas este esto estos fue fueron había hace hacia hasta más mientras
    mismo mucho muy nada nos otra otro para pero poco por porque puede qué quien quién según ser será sido sin
    sobre solo son sus también tiene todo todos tras una uno agora ainda além após até cada com depois dois duas
    ela ele eles entre essa esse está estão foi foram isso isto já mais mas mesmo muito nas não nos outro para
    pela pelo pode por qual quando que quem são seu seus sua suas também tem tudo uma anche ancora altri altro
    aveva bene come contro così cosa dalla dalle dallo degli della delle dello dopo dove ecco erano fare fatto
    fino gli hanno loro molto nella nelle nello nostro ogni perché però poi prima quale quando quanto quella
    quelle quello questa queste questo senza sono sopra stata stato sulla tutti tutto aan alle andere bij daar
    dan dat deze die dit door een eens geen heeft hebben hier hoe hun kan maar meer met moet naar niet nog ook
    onder over tegen toch uit van veel voor waar waarom wanneer want was wat werd wordt zal zich zijn zonder zou
    alla allt andra att blev bli blir bland denna dessa det detta där efter eller från före genom hade hans har
    hela henne honom här inte kan kommer man med mellan men mer mot måste mycket någon några när och också om
    sedan ska skulle som till under upp utan var vara varit vid vilka vill över efter ikke være blir ble etter
    eller fra hadde hvor hvorfor med mot når også skal som til var ved blev efter eller fordi havde hvad hvordan
    ikke kunne men mere også skal skulle będzie były było bardzo czego czyli dla gdzie gdy jak jako jednak jest
    jeszcze jego już kiedy która które który lub może można oraz pod podczas przed przez przy się są tak także
    tego tylko tym wiele więc wszystko żeby если есть ещё чтобы когда который которая которые может после перед
    более были было быть этот этого также только однако потому этом того всех себя свою через чем где как для
    или под при про что это так уже нет они она его який яка які цього також після перед було були бути лише щоб
    коли може своїх
    """.split()
)
