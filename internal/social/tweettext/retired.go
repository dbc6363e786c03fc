package tweettext

import "strings"

// retired are top level domains that twitter-text knows and the public suffix list does not name: brands that gave theirs
// back after 2018, country codes that were withdrawn or never used, and country codes of which the list has only what is
// below them. Sorted.
var retired = strings.Fields(`
	abarth active adac afamilycompany aigo alfaromeo an avianca bananarepublic bentley bl blanco bnl boots bq
	budapest bugatti cancerresearch cartier caseih cbs ceb chloe chrysler cityeats ck comcast cookingchannel csc
	dabur dodge doha doosan duck dunlop duns eh epost er esurance etisalat everbank fiat fk flsmidth foodnetwork
	frontdoor fujixerox glade goodhands guardian hgtv honeywell hoteles htc iinet intel iselect iveco iwc jcp jlc
	jm kerrylogistics kh kinder ladbrokes lancaster lancia lancome liaison linde lipsy lixil loft lupin macys
	maserati mcd mcdonalds meo metlife mf mm mobily montblanc mopar movistar mtpc mutual mutuelle nadex nationwide
	natura newholland northwesternmutual np off oldnavy onyourside orientexpress pamperedchef panerai passagens pg
	piaget pramerica qvc raid redstone rightathome rmit rocher sapo sca scjohnson scor ses shaw showtime shriram
	spiegel spreadbetting srt starhub statoil swiftcover symantec telecity telefonica tiffany tp travelchannel
	uconnect um vista vistaprint volkswagen vuelos warman xfinity xperia zippo
`)
