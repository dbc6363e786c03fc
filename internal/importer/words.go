package importer

// The word list of the generator. A change here changes every generated
// history: raise generation with it.
var (
	firstNames = []string{
		"Ada", "Amir", "Ana", "Ben", "Bo", "Cleo", "Dan", "Dora", "Eli", "Emma", "Finn", "Gus", "Hana", "Ida", "Ines", "Ivy", "Jan", "Joy", "Juan", "Kai",
		"Kofi", "Lea", "Leo", "Lin", "Lola", "Mae", "Max", "Mia", "Mo", "Nia", "Noor", "Omar", "Otto", "Pia", "Ravi", "Rosa", "Sam", "Tara", "Uma", "Yan",
	}
	lastNames = []string{
		"Abebe", "Alder", "Berg", "Brook", "Castro", "Chen", "Costa", "Dahl", "Dubois", "Ek", "Farah", "Fischer", "Garcia", "Haas", "Ito", "Jansen",
		"Kaya", "Kim", "Kowalski", "Lopez", "Mbeki", "Meyer", "Moreau", "Nagy", "Novak", "Okafor", "Park", "Patel", "Rossi", "Sato", "Silva", "Singh",
	}
	openers = []string{
		"Today", "Honestly,", "This morning", "Good news:", "Question:", "Reading", "Listening to", "Finally", "Never again", "So,", "Somehow", "Note to self:",
		"We found", "I think", "Nobody told me about", "Just saw", "Remember", "Still dreaming of", "Thank you for", "Looking for",
	}
	words = []string{
		"a", "the", "our", "every", "another", "small", "quiet", "bright", "slow", "fresh", "green", "old", "new", "first", "last", "late", "early", "warm",
		"train", "river", "market", "garden", "bridge", "window", "letter", "concert", "coffee", "bread", "soup", "book", "page", "song", "film", "match",
		"team", "city", "street", "harbour", "hill", "forest", "rain", "snow", "wind", "summer", "evening", "weekend", "project", "release", "idea", "plan",
		"friends", "neighbours", "people", "birds", "starlings", "bicycles", "questions", "answers", "stories", "pictures", "and", "with", "without",
		"before", "after", "near", "behind", "under", "again", "together", "almost", "really", "maybe", "always", "runs", "sings", "waits", "grows",
		"works", "opens", "closes", "helps", "café", "naïve", "Straße", "año", "été", "東京", "мир",
	}
	endings  = []string{".", ".", ".", "!", "?", "...", " :)"}
	hashtags = []string{
		"starling", "nature", "music", "food", "sports", "coffee", "travel", "books", "coding", "golang", "graphql", "monday", "weekend", "photo",
		"film2night", "run_club", "café", "münchen", "東京", "погода",
	}
	sites    = []string{"https://example.com/story/", "https://example.org/p?id=", "http://example.net/a_b-", "https://news.example.com/2024/#s"}
	cashtags = []string{"ACME", "STAR", "FLY", "TREE"}
	emoji    = []string{"😀", "🎉", "🌧️", "👍🏽", "👩‍💻", "🇯🇵", "1️⃣", "❤️", "🐦", "🏳️‍🌈"}
)
