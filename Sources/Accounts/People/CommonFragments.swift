/// What the passwords that are guessed first are put together of: the best known words, names, runs and walks over the
/// keyboard, collected by hand from what is published of leaks. A common password of fifteen characters or more is nearly
/// always two or three of these, so the list stands for all that can be joined of it, which no list of whole ones could hold.
enum CommonFragments {
    static func contains(_ text: ArraySlice<UInt8>) -> Bool { all.contains(Array(text)) }

    static let longest = 16

    private static let all: Set<[UInt8]> = {
        var found = Set(words.split { $0 == " " || $0 == "\n" }.map { Array($0.utf8) })
        for year in 1940...2039 { found.insert(Array("\(year)".utf8)) }
        for digit in 0...9 {
            for count in 3...8 { found.insert(Array(repeating: UInt8(0x30 + digit), count: count)) }
        }
        return found
    }()

    private static let words = """
        123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 123321 123123 121212 112233 654321 987654321
        7777777 131313 159753 147258369 147258 789456123 789456 456789 147852 963852741 741852963 159357 369258147 102030
        010203 1qaz 2wsx 3edc 4rfv 5tgb 6yhn 7ujm 8ik 9ol qaz wsx edc rfv tgb yhn ujm 1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y
        q1w2e3 q1w2e3r4 zaq1 zaq12wsx xsw2 cde3 vfr4 1qazxsw2 qazwsx qazwsxedc asd asdf asdfg asdfgh asdfghj asdfghjk asdfghjkl
        qwe qwer qwert qwerty qwertyu qwertyui qwertyuio qwertyuiop qwertz qwertzuiop azerty azertyuiop zxc zxcv zxcvb zxcvbn
        zxcvbnm qweasd qweasdzxc asdzxc poiuytrewq mnbvcxz lkjhgfdsa abc abcd abcde abcdef abcdefg abcdefgh abc123 a1b2c3
        tacet password passwort passw0rd pass passwd pwd motdepasse contrasena contraseña senha wachtwoord haslo parola parol salasana
        letmein welcome willkommen bienvenue hello hallo hola hi goodbye please thanks thankyou test testing tester demo
        sample example default changeme change temp temporary guest user username admin administrator root toor super
        superuser sysadmin system server oracle mysql postgres access login logon signin enter open secret private secure
        security master monkey dragon shadow sunshine princess queen king prince knight lord lady iloveyou love loveyou lover
        lovely loveme mylove forever always together baby babygirl babyboy honey sweet sweety sweetheart angel angels heaven
        heart kiss kisses hugs happy smile smiley lucky crazy cool hot sexy naughty dirty fuck fuckyou fucker fucking fuckoff
        shit bitch bastard asshole pussy dick cock slut whore football baseball basketball soccer hockey tennis golf softball
        volleyball swimming running fishing hunting racing skate surfing snowboard gaming gamer player playboy game games
        liverpool arsenal chelsea barcelona realmadrid manchester united juventus milan bayern fcbayern borussia schalke
        benfica porto ajax celtic rangers yankees redsox cowboys steelers packers eagles raiders lakers bulls patriots
        superman batman spiderman ironman hulk wolverine joker starwars startrek matrix pokemon pikachu naruto dragonball
        mario zelda minecraft fortnite roblox warcraft callofduty counterstrike halo sonic mickey minnie donald disney
        snoopy garfield tigger winnie pooh simpson bart homer spongebob hellokitty barbie charlie buster ginger pepper
        cookie chocolate candy sugar banana apple orange cherry strawberry lemon peach peaches coffee pizza cheese chicken
        bacon butter cupcake muffin whiskey vodka tequila beer guinness corona dog doggy dogs puppy cat kitty kitten cats
        tiger lion bear wolf eagle hawk falcon panther cougar jaguar cobra snake spider shark dolphin turtle rabbit bunny
        horse pony cow pig duck birdie butterfly flower flowers rose roses lily daisy jasmine sunflower rainbow star stars
        moon sun sunny sky cloud storm thunder lightning fire ice snow winter summer spring autumn fall january february march
        april may june july august september october november december monday tuesday wednesday thursday friday saturday
        sunday sommer fruehling herbst morning night day today tomorrow christmas birthday party family mother mom mommy mama
        father dad daddy papa brother sister son daughter friend friends bestfriend husband wife girl girls boy boys man men
        woman people michael jennifer jordan thomas robert daniel andrew joshua matthew anthony william david james john johnny
        joseph jason justin brandon ryan tyler kevin steven brian eric mark paul peter george richard charles edward patrick
        nicholas nicole jessica ashley amanda sarah stephanie melissa michelle elizabeth samantha lauren rachel rebecca laura
        maria anna anne marie julia andrea sandra sabrina natalie natasha victoria vanessa alexander alexandra alex max
        maxwell oliver jack harry hannah emily emma sophie sophia olivia isabella chloe lucas leon felix jonas julian tobias
        stefan christian christina martin thomas sebastian fabian florian carlos jose juan luis antonio fernando alejandro
        francisco ricardo eduardo rodrigo carolina gabriela daniela valentina camila catherine camille nicolas pierre jean
        claude mohammed ahmed ali omar fatima ivan dmitri sergey vladimir tatiana america american usa canada england london
        paris berlin deutschland germany france spain espana italia mexico brasil brazil argentina colombia australia russia
        china japan india newyork california texas florida chicago boston dallas phoenix denver vegas miami hollywood jesus
        christ jesuschrist god godisgood lord bless blessed faith hope grace trinity church bible amen allah jehovah buddha
        money dollar rich boss winner champion number numberone one two three four five six seven eight nine ten first second
        hundred thousand million red blue green yellow black white purple pink silver gold golden brown gray music guitar
        piano drums metallica nirvana slipknot eminem tupac 50cent beatles elvis rockstar rock roll metal rap hiphop dance
        dancer computer internet google facebook youtube twitter instagram linkedin myspace yahoo hotmail gmail microsoft
        windows linux ubuntu macintosh apple iphone samsung nokia motorola android amazon paypal ebay netflix adobe dropbox
        dell lenovo intel cisco office work job company business service support help info mail email website online
        mustang ferrari porsche mercedes bmw audi corvette camaro harley yamaha honda toyota nissan suzuki kawasaki ducati
        turbo nascar racecar trustno1 whatever nothing something anything everything everyone nobody somebody fuckit blahblah
        blah idontknow iforgot forgot forget remember dontforget mypassword thisis thisismy this that these those the and
        for not you your yours me my mine we our us is are was were am be it in on at to of or no yes ok okay live life
        alive death dead dying killer kill murder devil satan demon evil hell ghost vampire zombie pirate ninja samurai
        warrior soldier army navy marine marines airforce police fireman doctor nurse teacher student school college
        university class senior graduation freedom liberty peace war power energy magic wizard merlin mystery legend phantom
        phoenix unicorn diamond crystal pearl ruby jewel treasure destiny dream dreams dreamer believe imagine beautiful
        pretty gorgeous amazing awesome great good better best bad worst big little small tiny fat skinny tall short long
        hard soft fast slow new old young blond redhead brooklyn buddy bubba bubbles booboo pumpkin peanut precious scooter
        smokey snowball shelby rocky rusty sparky spot tinker toby tweety zeus apollo athena thor loki odin hercules
        """
}
